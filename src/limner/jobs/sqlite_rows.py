"""Rows of the SQLite journal's table of jobs, and which events it keeps."""

import time
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from limner.engine.events import TERMINAL, TRANSIENT, AnyEvent
from limner.graph.errors import StorageError
from limner.jobs import sqlite_statements as sql
from limner.jobs.sqlite_writer import Transaction


class Row(NamedTuple):
    """A row of ``job``, as the statements give it."""

    sequence: int
    state: str
    record: bytes
    epoch: int
    attempt: int
    spent: int
    claims: int
    ran: int
    owner: str
    number: int | float
    held: int


def row_of(transaction: Transaction, job_id: str) -> Row | None:
    """The row of a job."""
    found = transaction.execute(sql.JOB_BY_ID, (job_id,)).fetchone()
    return None if found is None else Row(*found)


def rows_of(
    transaction: Transaction, ids: Iterable[str], states: Collection[str], owner: str | None = None
) -> list[Row]:
    """The rows of jobs in some states; with an owner, without those of others."""
    found = [row for row in (row_of(transaction, name) for name in ids) if row is not None and row.state in states]
    return [row for row in found if owner is None or row.owner == owner]


def taken(job_id: str) -> StorageError:
    """The refusal of an id that another job has."""
    return StorageError(f"Another job with the id {job_id!r} is here. Choose another id, or leave it out.")


def delete_row(transaction: Transaction, row: Row) -> None:
    """Forgets a job and its events; the key that it came with stays taken."""
    transaction.execute(sql.EVENTS_DELETE, (row.sequence,))
    transaction.execute(sql.LABELS_DELETE, (row.sequence,))
    transaction.execute(sql.JOB_DELETE, (row.sequence,))


def kept(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """The events that a journal keeps, up to the terminal one."""
    found: list[AnyEvent] = []
    for event in events:
        if isinstance(event, TRANSIENT):
            continue
        found.append(event)
        if isinstance(event, TERMINAL):
            break
    return found


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
