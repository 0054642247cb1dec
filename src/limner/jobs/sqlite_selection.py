"""Jobs out of a SQLite journal, of one owner or of all. Cost: a walk along an index, and the records that are asked."""

from typing import Any

from limner.jobs import sqlite_statements as sql
from limner.jobs.journal import HISTORY_LIMIT
from limner.jobs.selection import Order, Selection
from limner.jobs.sqlite_rows import Row
from limner.jobs.sqlite_writer import Transaction

ORDERS = {Order.CREATED: "created", Order.DURATION: "took", Order.TURN: "number"}
"""Columns; each leads an index of its own, ``job_created`` and ``job_took``, that has all that conditions look at."""


def select_rows(connection: Any, wanted: Selection) -> tuple[list[tuple[Any, ...]], int]:
    """The rows of a page, with the columns of ``JOB_BY_ID``, and how many rows there are in all.

    Only placeholders and the names of our own columns vary in the statement; values are bound.
    """
    condition, values = _condition(wanted)
    total = connection.execute(sql.SELECTION_COUNT.format(condition=condition), values).fetchone()[0]
    if wanted.after is not None:
        turn = wanted.order is Order.TURN
        condition += f" AND {sql.TURN_AFTER if turn else sql.AFTER}"
        values += wanted.after[1:] if turn else wanted.after
    limit = HISTORY_LIMIT if wanted.limit is None else min(wanted.limit, HISTORY_LIMIT)
    direction = "DESC" if wanted.descending else "ASC"
    order = f"{ORDERS[wanted.order]} {direction}, sequence {direction}"
    page = sql.SELECTION.format(index=_index(wanted), condition=condition, order=order)
    return connection.execute(page, [*values, limit, min(wanted.offset, 1 << 62)]).fetchall(), total


def _index(wanted: Selection) -> str:
    if wanted.order is Order.TURN:
        return "job_waiting"
    if wanted.group:
        return "job_grouped"
    return f"job_{ORDERS[wanted.order]}" if wanted.owner is None else "job_owner"


def _condition(wanted: Selection) -> tuple[str, list[Any]]:
    """What rows have to fulfil, but for where the page begins; names in it are ours, values are bound."""
    states = sorted(wanted.states)
    parts, values = [f"state IN ({', '.join('?' * len(states))})"], list[Any](states)
    if wanted.order is Order.TURN:
        parts, values = ["state = 'waiting'"], []
    plain = (
        ("workflow = ?", wanted.workflow),
        ("owner = ?", wanted.owner),
        ("grouped = ?", wanted.group or None),
        ("created >= ?", wanted.since or None),
        ("created < ?", wanted.until or None),
        *(("instr(words, ?) > 0", word) for word in wanted.words),
    )
    for part, value in plain:
        if value is not None:
            parts.append(part)
            values.append(value)
    for label in wanted.labels.items():
        parts.append(sql.LABELLED)
        values += label
    if wanted.lost:
        parts.append(sql.LOST)
    return " AND ".join(parts), values


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
