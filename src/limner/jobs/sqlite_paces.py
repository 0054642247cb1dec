"""What nodes took, in a SQLite journal: written with the ends of jobs."""

from collections.abc import Iterable

from limner.jobs import sqlite_statements as sql
from limner.jobs.pace import Pace, loads_of
from limner.jobs.records import Job, JobState
from limner.jobs.sqlite_file import JournalFile
from limner.jobs.sqlite_writer import Transaction

KEPT = 5_000
"""Figures that are kept, at most; those that were not needed for longest go first."""

MOST_TYPES = 500


class SqlitePaces:
    """What nodes took, from a journal's file. See Paces."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def of(self, types: Iterable[str]) -> list[Pace]:
        """What is known of some node types; see Paces."""
        wanted = sorted(set(types))[:MOST_TYPES]
        if not wanted:
            return []
        marks = ", ".join("?" * len(wanted))
        with self._file.reading() as connection:
            return [Pace(*row) for row in connection.execute(sql.PACES.format(marks=marks), wanted)]


def note_paces(transaction: Transaction, job: Job) -> None:
    """Writes down what nodes took, if their job has just ended well; those of an expansion with the one they are of."""
    if job.state is not JobState.SUCCEEDED or not job.steps:
        return
    loads, spent = loads_of(job.submission.document), dict[str, float]()
    for step in job.steps:
        spent[step.real] = spent.get(step.real, 0.0) + step.seconds
    rows = [(*loads[name], seconds, job.ended) for name, seconds in spent.items() if name in loads]
    transaction.executemany(sql.PACE_ADD, rows)
    transaction.execute(sql.PACE_TRIM, (KEPT,))
