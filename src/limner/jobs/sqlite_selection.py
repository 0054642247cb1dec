"""Jobs out of a SQLite journal, of one owner or of all. Cost: a walk along an index, and the records that are asked."""

from typing import Any

from limner.jobs import sqlite_statements as sql
from limner.jobs.journal import HISTORY_LIMIT
from limner.jobs.selection import Order, Selection
from limner.jobs.sqlite_rows import Row
from limner.jobs.sqlite_writer import Transaction

ORDERS = {Order.CREATED: "created", Order.DURATION: "took"}
"""Columns; each leads an index of its own, ``job_created`` and ``job_took``, that has all that conditions look at."""


def select_rows(connection: Any, wanted: Selection) -> tuple[list[tuple[Any, ...]], int]:
    """The rows of a page, with the columns of ``JOB_BY_ID``, and how many rows there are in all.

    Only placeholders and the names of our own columns vary in the statement; values are bound.
    """
    states = sorted(wanted.states)
    condition = f"state IN ({', '.join('?' * len(states))})"
    values: list[Any] = list(states)
    if wanted.workflow is not None:
        condition += " AND workflow = ?"
        values.append(wanted.workflow)
    if wanted.owner is not None:
        condition += sql.OWNED_BY
        values.append(wanted.owner)
    for label in wanted.labels.items():
        condition += f" AND {sql.LABELLED}"
        values += label
    total = connection.execute(sql.SELECTION_COUNT.format(condition=condition), values).fetchone()[0]
    if wanted.after is not None:
        condition += f" AND {sql.AFTER}"
        values += wanted.after
    limit = HISTORY_LIMIT if wanted.limit is None else min(wanted.limit, HISTORY_LIMIT)
    direction = "DESC" if wanted.descending else "ASC"
    column = ORDERS[wanted.order]
    order = f"{column} {direction}, sequence {direction}"
    index = f"job_{column}" if wanted.owner is None else "job_owner"
    page = sql.SELECTION.format(index=index, condition=condition, order=order)
    return connection.execute(page, [*values, limit, min(wanted.offset, 1 << 62)]).fetchall(), total


def owned_rows(connection: Any, statement: str, owner: str | None) -> list[Row]:
    """The rows of ``WAITING`` or ``RUNNING``."""
    owned, values = ("", ()) if owner is None else (sql.OWNED_BY, (owner,))
    return [Row(*row) for row in connection.execute(statement.format(owned=owned), values)]


def history_records(connection: Any, max_items: int | None, offset: int, owner: str | None) -> list[bytes]:
    """The records of finished jobs in the order of completion; see ``Journal.history``."""
    limit = HISTORY_LIMIT if max_items is None else max(0, min(max_items, HISTORY_LIMIT))
    last = offset < 0
    index, owned, values = (
        ("job_completion", "", ()) if owner is None else ("job_owner_completion", sql.OWNED_BY, (owner,))
    )
    statement = sql.HISTORY.format(index=index, owned=owned, direction=" DESC" if last else "")
    records = [record for (record,) in connection.execute(statement, (*values, limit, max(0, offset)))]
    return records[::-1] if last else records


def delete_finished(transaction: Transaction, owner: str | None) -> int:
    """Forgets all finished jobs; gives how many there were."""
    owned, values = ("", ()) if owner is None else (sql.OWNED_BY, (owner,))
    for statement in (sql.HISTORY_DELETE_EVENTS, sql.HISTORY_DELETE_LABELS):
        transaction.execute(statement.format(owned=owned), values)
    gone = [whose for (whose,) in transaction.execute(sql.HISTORY_DELETE.format(owned=owned), values)]
    for whose in gone:
        transaction.move(whose, finished=-1)
    return len(gone)
