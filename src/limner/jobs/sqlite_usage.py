"""What jobs cost, in the journal's file: written with their ends, read by anybody beside the server."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from limner.graph.errors import StorageError
from limner.jobs import sqlite_statements as sql
from limner.jobs.records import Job
from limner.jobs.sqlite_writer import Transaction, storage_error
from limner.jobs.usage import Spent, spent_on

JOURNAL = "limner.sqlite"
"""The journal's file in the data folder."""

WITH_USAGE = 4
"""The version of the schema that has it."""


def note_usage(transaction: Transaction, job: Job) -> None:
    """Writes down what a job cost that has just ended."""
    transaction.executemany(sql.USAGE_ADD, spent_on(job))


def read_usage(path: Path, since: int = 0, owner: str | None = None) -> list[Spent]:
    """What was spent, the oldest first. Blocks; works while a server writes.

    Args:
        path: The journal's file.
        since: Milliseconds since the epoch.
        owner: Of the jobs; None: all.

    Raises:
        StorageError: if the file cannot be read.
    """
    if not path.exists():
        return []
    with _reading(path) as connection:
        condition = "" if owner is None else " AND owner = ?"
        values = (since,) if owner is None else (since, owner)
        rows = connection.execute(sql.USAGE_SINCE.format(condition=condition), values)
        return [Spent(*row) for row in rows]


def taken_by(path: Path, owner: str, since: int) -> tuple[int, int, float]:
    """An owner's jobs that wait or run, those that ended since a moment, and the seconds that this machine took.

    Args: as ``read_usage``'s.

    Raises:
        StorageError: if the file cannot be read.
    """
    if not path.exists():
        return 0, 0, 0.0
    with _reading(path) as connection:
        alive = connection.execute(sql.ALIVE_OF, (owner,)).fetchone()[0]
        return alive, *connection.execute(sql.USAGE_OF, (since, owner)).fetchone()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA busy_timeout = 5000")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version < WITH_USAGE:
                raise StorageError(f"{path} is of an earlier version: start the server once, it brings it up to date.")
            yield connection
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
