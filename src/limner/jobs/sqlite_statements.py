"""Every SQL statement of the SQLite journal, by name.

A job's truth is its rows in ``event``. The columns of ``job`` besides ``record`` are what that fold says, kept at hand
so that the queue, the history and the fence of a lease are one look into an index.

    sequence    order of arrival
    state       fold of the events
    record      the Job as JSON: as accepted while it lives, as folded once it is final; never with secrets
    secrets     JSON, NULL from the terminal event on
    attempt     attempt of the last claim
    spent       attempts that count against the job
    claims      claims that count against the job
    ran         whether Started came under the lease in force
    completion  order of completion, NULL while it lives
    created     when it came, milliseconds since the epoch
    took        milliseconds from its start to its end; 0 while it lives
    workflow    id of the workflow it was made from, NULL if the client gave none
    owner       whose it is
    number      lower ones run first
    held        whether it waits until somebody lets it go
    grouped     name of the group that it belongs to, NULL if it has none
    words       its title and texts in lower case, to be searched

``pace`` is what nodes took lately, by node type, model, pixels and steps; ``count`` runs, the last one at ``used``.

``errand`` is the outbox: what is to be done after a job's end. Written with the job, due in the transaction of its end.

    job         the job's id; the job itself may be forgotten before its errands are done
    owner       whose it is
    kind        who does it
    stage       waits for lower ones of the same job
    body        JSON: what that one needs to know
    secrets     JSON, NULL when it is done
    record      the Job as JSON, as it ended; NULL until then
    state       held until the job has ended, then due, done or given_up
    attempts    how often it was tried
    due         not before, milliseconds since the epoch
    result      JSON: what came of it
    reason      why the last try failed
    ended       when it was done or given up; 0: not yet

``usage`` is what jobs cost, written in the transaction of their ends; it stays when the history is cleared.

    job         the job's id
    owner       whose it was
    ended       when it ended, milliseconds since the epoch
    provider    who was asked; ``local``: this machine's worker
    model       what was drawn with
    requests    1; 0 for what this machine did around other services' answers
    images      pictures that came
    seconds     how long it took
    tokens      what the provider counted
    cost        in ``currency``; NULL: nobody knows
    failure     why nothing came; empty: all went well

``once`` remembers the keys of requests that may be made only once, for a day: whose, for what, which, when.
``label`` has the labels of jobs, by the job's sequence.
"""

APPLICATION = 0x4C4D4E52
"""``LMNR``: marks the file as ours."""

VERSION = 6
"""Version of the schema."""

LISTED = """
CREATE INDEX job_created ON job (created, sequence, state, workflow);
CREATE INDEX job_took ON job (took, sequence, state, workflow);
CREATE INDEX job_state ON job (state, workflow);
"""
"""What makes pages of jobs quick; in the schema since version 2."""

ERRANDS = """
CREATE TABLE errand (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    stage INTEGER NOT NULL,
    body BLOB NOT NULL,
    secrets BLOB,
    record BLOB,
    state TEXT NOT NULL DEFAULT 'held',
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL DEFAULT 0,
    result BLOB,
    reason TEXT NOT NULL DEFAULT '',
    ended INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX errand_due ON errand (due) WHERE state = 'due';
CREATE INDEX errand_job ON errand (job, stage);
CREATE INDEX errand_owner ON errand (owner, id);
"""
"""The outbox; in the schema since version 3."""

OWNED = """
CREATE INDEX job_owner ON job (owner, created, sequence, state, workflow);
CREATE INDEX job_owner_completion ON job (owner, completion) WHERE completion IS NOT NULL;
"""
"""What makes one owner's jobs quick to find; in the schema since version 3."""

USAGE = """
CREATE TABLE usage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    owner TEXT NOT NULL,
    ended INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    requests INTEGER NOT NULL,
    images INTEGER NOT NULL,
    seconds REAL NOT NULL,
    tokens INTEGER NOT NULL,
    cost REAL,
    currency TEXT NOT NULL,
    failure TEXT NOT NULL
);
CREATE INDEX usage_ended ON usage (ended, owner);
"""
"""What jobs cost; in the schema since version 4."""

ONCE = """
CREATE TABLE once (
    owner TEXT NOT NULL,
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (owner, space, key)
) WITHOUT ROWID;
CREATE INDEX once_time ON once (time);
CREATE TABLE label (
    job INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (job, name)
) WITHOUT ROWID;
CREATE INDEX label_value ON label (name, value, job);
"""
"""Keys that are used once, and labels; in the schema since version 5."""

TURNS = """
CREATE INDEX job_grouped ON job (grouped, created, sequence) WHERE grouped IS NOT NULL;
INSERT INTO counter VALUES ('paused', 0);
CREATE TABLE pace (
    type TEXT NOT NULL,
    model TEXT NOT NULL,
    pixels INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    seconds REAL NOT NULL,
    count INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (type, model, pixels, steps)
) WITHOUT ROWID;
"""
"""Groups, the pause, and what nodes took; in the schema since version 6."""

UPGRADES = {
    1: f"""
ALTER TABLE job ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN took INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN workflow TEXT;
UPDATE job SET created = coalesce(json_extract(CAST(record AS TEXT), '$.submission.created'), 0),
    took = CASE WHEN json_extract(CAST(record AS TEXT), '$.started') > 0 THEN max(0, coalesce(
        json_extract(CAST(record AS TEXT), '$.ended') - json_extract(CAST(record AS TEXT), '$.started'), 0)) ELSE 0 END,
    workflow = CASE json_type(CAST(record AS TEXT), '$.submission.extra.extra_pnginfo.workflow.id')
        WHEN 'text' THEN json_extract(CAST(record AS TEXT), '$.submission.extra.extra_pnginfo.workflow.id') END;
{LISTED}
PRAGMA user_version = 2;
""",
    2: f"""
ALTER TABLE job ADD COLUMN owner TEXT NOT NULL DEFAULT 'default';
UPDATE job SET owner = coalesce(json_extract(CAST(record AS TEXT), '$.submission.owner'), 'default');
{OWNED}
{ERRANDS}
PRAGMA user_version = 3;
""",
    3: f"{USAGE}PRAGMA user_version = 4;",
    4: f"{ONCE}PRAGMA user_version = 5;",
    5: f"""
ALTER TABLE job ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN grouped TEXT;
ALTER TABLE job ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE job SET
    words = substr(lower(coalesce(json_extract(CAST(record AS TEXT), '$.submission.document'), '')), 1, 4000);
{TURNS}
PRAGMA user_version = 6;
""",
}
"""From each earlier version to the next one."""

SCHEMA = f"""
CREATE TABLE job (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    number NUMERIC NOT NULL,
    state TEXT NOT NULL,
    record BLOB NOT NULL,
    secrets BLOB,
    worker TEXT,
    epoch INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    spent INTEGER NOT NULL DEFAULT 0,
    claims INTEGER NOT NULL DEFAULT 0,
    ran INTEGER NOT NULL DEFAULT 0,
    completion INTEGER,
    created INTEGER NOT NULL DEFAULT 0,
    took INTEGER NOT NULL DEFAULT 0,
    workflow TEXT,
    owner TEXT NOT NULL DEFAULT 'default',
    held INTEGER NOT NULL DEFAULT 0,
    grouped TEXT,
    words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX job_waiting ON job (number, sequence) WHERE state = 'waiting';
CREATE INDEX job_running ON job (epoch) WHERE state = 'running';
CREATE UNIQUE INDEX job_completion ON job (completion) WHERE completion IS NOT NULL;
{LISTED}
{OWNED}
{ERRANDS}
{USAGE}
{ONCE}
CREATE TABLE event (
    job INTEGER NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter VALUES ('number', 0), ('epoch', 0), ('completion', 0);
{TURNS}
CREATE TABLE beat (worker TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""

TABLES = "SELECT count(*) FROM sqlite_master"
COUNTS = """
SELECT state, owner, count(*) FROM job INDEXED BY job_waiting WHERE state = 'waiting' GROUP BY owner
UNION ALL SELECT 'held', owner, count(*) FROM job INDEXED BY job_waiting WHERE state = 'waiting' AND held GROUP BY owner
UNION ALL SELECT state, owner, count(*) FROM job INDEXED BY job_running WHERE state = 'running' GROUP BY owner
UNION ALL SELECT 'finished', owner, count(*) FROM job WHERE completion IS NOT NULL GROUP BY owner
"""

COUNTER = "SELECT value FROM counter WHERE name = ?"
COUNTER_NEXT = "UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value"
COUNTER_RAISE = "UPDATE counter SET value = max(value, ?) WHERE name = ?"

JOB_ADD = """
INSERT INTO job (id, number, state, record, secrets, created, workflow, owner, grouped, words)
VALUES (?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?)
RETURNING sequence
"""
JOB_BY_ID = (
    "SELECT sequence, state, record, epoch, attempt, spent, claims, ran, owner, number, held FROM job WHERE id = ?"
)
JOB_NEXT = """
SELECT sequence, state, record, epoch, attempt, spent, claims, ran, owner, number, held, secrets
FROM job INDEXED BY job_waiting WHERE state = 'waiting' AND NOT held ORDER BY number, sequence LIMIT 1
"""
JOB_CLAIM = """
UPDATE job SET state = 'running', worker = ?, epoch = ?, attempt = ?, spent = spent + 1, claims = claims + 1, ran = 0
WHERE sequence = ?
"""
JOB_RAN = "UPDATE job SET ran = 1 WHERE sequence = ?"
JOB_REQUEUE = "UPDATE job SET state = 'waiting', worker = NULL, spent = ?, claims = ?, ran = 0 WHERE sequence = ?"
JOB_END = """
UPDATE job SET state = ?, record = ?, secrets = NULL, worker = NULL, held = 0, completion = ?, took = ?
WHERE sequence = ?
"""
JOB_DELETE = "DELETE FROM job WHERE sequence = ?"

WAITING = """
SELECT sequence, state, record, epoch, attempt, spent, claims, ran, owner, number, held
FROM job INDEXED BY job_waiting WHERE state = 'waiting'{owned} ORDER BY number, sequence
"""
POSITION = """
SELECT count(*) FROM job INDEXED BY job_waiting,
    (SELECT number, sequence FROM job WHERE id = ? AND state = 'waiting') AS own
WHERE job.state = 'waiting' AND (job.number, job.sequence) <= (own.number, own.sequence)
"""
RUNNING = """
SELECT sequence, state, record, epoch, attempt, spent, claims, ran, owner, number, held
FROM job INDEXED BY job_running WHERE state = 'running'{owned} ORDER BY epoch
"""
HISTORY = """
SELECT record FROM job INDEXED BY {index} WHERE completion IS NOT NULL{owned}
ORDER BY completion{direction} LIMIT ? OFFSET ?
"""
OWNED_BY = " AND owner = ?"
"""What ``owned`` stands for in the statements above, if only one owner's jobs are wanted."""

SELECTION = """
SELECT sequence, state, record, epoch, attempt, spent, claims, ran, owner, number, held FROM job WHERE sequence IN (
    SELECT sequence FROM job INDEXED BY {index} WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?
) ORDER BY {order}
"""
SELECTION_COUNT = "SELECT count(*) FROM job WHERE {condition}"

HISTORY_DELETE_LABELS = "DELETE FROM label WHERE job IN (SELECT sequence FROM job WHERE completion IS NOT NULL{owned})"
HISTORY_DELETE_EVENTS = "DELETE FROM event WHERE job IN (SELECT sequence FROM job WHERE completion IS NOT NULL{owned})"
HISTORY_DELETE = "DELETE FROM job WHERE completion IS NOT NULL{owned} RETURNING owner"

EVENT_LAST = "SELECT coalesce(max(number), 0) FROM event WHERE job = ?"
EVENT_ADD = "INSERT INTO event (job, number, body) VALUES (?, ?, ?)"
EVENTS = "SELECT number, body FROM event WHERE job = ? AND number > ? ORDER BY number"
EVENTS_DELETE = "DELETE FROM event WHERE job = ?"

KEY_IS_TAKEN = "SELECT 1 FROM once WHERE owner = ? AND space = ? AND key = ? AND time >= ?"
KEY_TAKE = "INSERT OR IGNORE INTO once (owner, space, key, time) VALUES (?, ?, ?, ?)"
KEYS_FORGET = "DELETE FROM once WHERE time < ?"
LABEL_ADD = "INSERT INTO label (job, name, value) VALUES (?, ?, ?)"
LABELS_DELETE = "DELETE FROM label WHERE job = ?"
TURN = """
SELECT sequence, id, number FROM job INDEXED BY job_waiting WHERE state = 'waiting'{owned} ORDER BY number, sequence
"""
TURN_MOVE = "UPDATE job SET number = ? WHERE sequence = ?"
TURN_HOLD = "UPDATE job SET held = ? WHERE sequence = ?"
PAUSE = "UPDATE counter SET value = ? WHERE name = 'paused'"
TURN_AFTER = """
(number, sequence) > (SELECT number, sequence FROM job AS last WHERE last.id = ? UNION ALL SELECT -1e308, 0 LIMIT 1)
"""
LOST = "json_extract(CAST(record AS TEXT), '$.failure.error_type') = 'WorkerLostError'"

PACE_ADD = """
INSERT INTO pace (type, model, pixels, steps, seconds, count, used) VALUES (?, ?, ?, ?, ?, 1, ?)
ON CONFLICT (type, model, pixels, steps) DO UPDATE SET
    seconds = seconds * 0.6 + excluded.seconds * 0.4, count = count + 1, used = excluded.used
"""
PACE_TRIM = "DELETE FROM pace WHERE used < (SELECT used FROM pace ORDER BY used DESC LIMIT 1 OFFSET ?)"
PACES = "SELECT type, model, pixels, steps, seconds, count FROM pace WHERE type IN ({marks})"

LABELLED = "EXISTS (SELECT 1 FROM label WHERE label.job = job.sequence AND name = ? AND value = ?)"
AFTER = "(created, sequence) < (?, coalesce((SELECT sequence FROM job AS last WHERE last.id = ?), 0))"

ERRAND_ADD = "INSERT INTO errand (job, owner, kind, stage, body, secrets) VALUES (?, ?, ?, ?, ?, ?)"
ERRANDS_DUE = "UPDATE errand SET state = 'due', record = ?, due = ? WHERE job = ? AND state = 'held'"

USAGE_ADD = """
INSERT INTO usage (job, owner, ended, provider, model, requests, images, seconds, tokens, cost, currency, failure)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ALIVE_OF = "SELECT count(*) FROM job WHERE owner = ? AND state IN ('waiting', 'running')"
USAGE_OF = "SELECT count(DISTINCT job), total(seconds) FROM usage WHERE ended >= ? AND owner = ? AND provider = 'local'"
USAGE_SINCE = """
SELECT job, owner, ended, provider, model, requests, images, seconds, tokens, cost, currency, failure
FROM usage WHERE ended >= ?{condition} ORDER BY ended
"""

BEAT = "INSERT INTO beat (worker, time) VALUES (?, ?) ON CONFLICT (worker) DO UPDATE SET time = excluded.time"
