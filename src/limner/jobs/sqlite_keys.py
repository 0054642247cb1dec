"""What a request brings beside its job: a key that may be used once, and labels to find the job by.

The key is taken in the transaction that writes the job: a job that was refused has not used it, and one that is on disk
has, whatever happens to the server in between. The journal remembers keys by themselves, so that a job that was
forgotten does not set its key free.
"""

from limner.graph.errors import GraphError
from limner.graph.problem import Problem
from limner.jobs import sqlite_statements as sql
from limner.jobs.journal import KEY_TAKEN, KEYS_REMEMBERED
from limner.jobs.records import Submission
from limner.jobs.sqlite_file import JournalFile
from limner.jobs.sqlite_rows import now
from limner.jobs.sqlite_writer import GroupWriter, Transaction

JOBS = "jobs"
"""The space of keys that come with jobs."""


class SqliteKeys:
    """Keys in a journal's file."""

    def __init__(self, writer: GroupWriter, file: JournalFile) -> None:
        self._writer, self._file = writer, file

    def is_taken(self, owner: str, space: str, key: str) -> bool:
        """Whether a key was used; see Keys."""
        with self._file.reading() as connection:
            return connection.execute(sql.KEY_IS_TAKEN, (owner, space, key, _oldest())).fetchone() is not None

    def take(self, owner: str, space: str, key: str) -> None:
        """Uses a key; see Keys."""
        self._writer.do(lambda transaction: _take(transaction, owner, space, key))


def take_key(transaction: Transaction, submission: Submission) -> None:
    """Uses the key that a job came with.

    Raises:
        GraphError: if it was used before.
    """
    if submission.key:
        _take(transaction, submission.owner, JOBS, submission.key)


def keep_labels(transaction: Transaction, sequence: int, submission: Submission) -> None:
    """Notes a job's labels."""
    transaction.executemany(sql.LABEL_ADD, [(sequence, name, text) for name, text in submission.labels.items()])


def _take(transaction: Transaction, owner: str, space: str, key: str) -> None:
    transaction.execute(sql.KEYS_FORGET, (_oldest(),))
    if not transaction.execute(sql.KEY_TAKE, (owner, space, key, now())).rowcount:
        message = "This Idempotency-Key was used before; each request needs one of its own."
        raise GraphError(message, [Problem(code=KEY_TAKEN, message=message)])


def _oldest() -> int:
    return now() - KEYS_REMEMBERED
