"""Pages of jobs out of a SQLite journal. Cost: one walk along an index, and the records of the page alone."""

from typing import Any

from limner.jobs import sqlite_statements as sql
from limner.jobs.journal import HISTORY_LIMIT
from limner.jobs.selection import Order, Selection

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
    total = connection.execute(sql.SELECTION_COUNT.format(condition=condition), values).fetchone()[0]
    limit = HISTORY_LIMIT if wanted.limit is None else min(wanted.limit, HISTORY_LIMIT)
    direction = "DESC" if wanted.descending else "ASC"
    column = ORDERS[wanted.order]
    order = f"{column} {direction}, sequence {direction}"
    page = sql.SELECTION.format(index=f"job_{column}", condition=condition, order=order)
    return connection.execute(page, [*values, limit, min(wanted.offset, 1 << 62)]).fetchall(), total
