"""Every SQL statement of the outbox, by name; its table is in ``sqlite_statements``."""

_COLUMNS = "id, job, owner, kind, stage, body, state, record, attempts, due, result, reason, ended"

DUE = f"""
SELECT {_COLUMNS}, secrets FROM errand INDEXED BY errand_due
WHERE state = 'due' AND due <= ? AND NOT EXISTS (
    SELECT 1 FROM errand AS earlier INDEXED BY errand_job
    WHERE earlier.job = errand.job AND earlier.stage < errand.stage AND earlier.state IN ('held', 'due')
)
ORDER BY due LIMIT ?
"""
NEXT_DUE = "SELECT min(due) FROM errand INDEXED BY errand_due WHERE state = 'due' AND due > ?"

DONE = """
UPDATE errand SET state = 'done', result = ?, secrets = NULL, reason = '', ended = ?
WHERE id = ? AND state = 'due'
"""
AGAIN = "UPDATE errand SET attempts = attempts + ?, due = ?, reason = ? WHERE id = ? AND state = 'due'"
GIVE_UP = """
UPDATE errand SET state = 'given_up', attempts = attempts + 1, reason = ?, ended = ? WHERE id = ? AND state = 'due'
"""
HASTEN = "UPDATE errand SET due = ? WHERE id = ? AND state = 'due' AND due > ?"
REDELIVER = """
UPDATE errand SET state = 'due', attempts = 0, due = ?, result = NULL, reason = '', ended = 0
WHERE id = ? AND record IS NOT NULL
"""

BY_ID = f"SELECT {_COLUMNS} FROM errand WHERE id = ?"
OF_JOB = f"SELECT {_COLUMNS} FROM errand INDEXED BY errand_job WHERE job = ? ORDER BY stage, id"
LATEST = f"SELECT {_COLUMNS} FROM errand WHERE {{condition}} ORDER BY id DESC LIMIT ?"
OUTSTANDING = "SELECT kind, count(*) FROM errand INDEXED BY errand_due WHERE state = 'due' GROUP BY kind"
FORGET = "DELETE FROM errand WHERE ended > 0 AND ended < ?"
