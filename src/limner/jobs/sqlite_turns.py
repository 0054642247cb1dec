"""Whose turn it is, in a SQLite journal: the order of waiting jobs, those that are held, and the pause.

Jobs change places by taking each other's numbers, so that nobody else's turn changes and later ones still come later.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from limner.jobs import sqlite_statements as sql
from limner.jobs.records import JobState
from limner.jobs.sqlite_file import JournalFile
from limner.jobs.sqlite_rows import rows_of
from limner.jobs.sqlite_writer import GroupWriter, Transaction

Turn = tuple[int, str, float]
"""A waiting job: its sequence, id and number."""


class SqliteTurns:
    """The order of waiting jobs in a journal's file. See Turns."""

    def __init__(self, writer: GroupWriter, file: JournalFile) -> None:
        self._writer = writer
        with file.reading() as connection:
            self._paused = bool(connection.execute(sql.COUNTER, ("paused",)).fetchone()[0])

    @property
    def paused(self) -> bool:
        """Whether no job begins for now."""
        return self._paused

    def pause(self, paused: bool) -> bool:
        """Begins no jobs any more, or begins them again; see Turns."""
        changed = self._paused is not paused
        self._writer.do(lambda transaction: transaction.execute(sql.PAUSE, (int(paused),)))
        self._paused = paused
        return changed

    def hold(self, ids: Iterable[str], held: bool, owner: str | None = None) -> list[str]:
        """Keeps waiting jobs from beginning, or lets them go; see Turns."""
        wanted = list(dict.fromkeys(ids))

        def work(transaction: Transaction) -> list[str]:
            changed = []
            for name in wanted:
                for row in rows_of(transaction, [name], {JobState.WAITING}, owner):
                    if bool(row.held) is not held:
                        transaction.execute(sql.TURN_HOLD, (int(held), row.sequence))
                        transaction.move(row.owner, held=1 if held else -1)
                        changed.append(name)
            return changed

        return self._writer.do(work)

    def move(
        self, ids: Sequence[str], before: str | None, *, first: bool = False, owner: str | None = None
    ) -> list[str]:
        """Puts waiting jobs before another one; see Turns."""
        wanted = list(dict.fromkeys(ids))

        def work(transaction: Transaction) -> list[str]:
            owned, values = ("", ()) if owner is None else (sql.OWNED_BY, (owner,))
            turns: list[Turn] = transaction.execute(sql.TURN.format(owned=owned), values).fetchall()
            order = _placed(turns, wanted, before, first)
            numbers = _spread([number for _, _, number in turns])
            changed = [
                (number, sequence) for (sequence, _, old), number in zip(order, numbers, strict=True) if number != old
            ]
            transaction.executemany(sql.TURN_MOVE, changed)
            known = {name for _, name, _ in turns}
            return [name for name in wanted if name in known]

        return self._writer.do(work)


def _placed(turns: list[Turn], ids: Sequence[str], before: str | None, first: bool) -> list[Turn]:
    """The turns in their new order."""
    by_name = {turn[1]: turn for turn in turns}
    moved = [by_name[name] for name in ids if name in by_name]
    if first or (before is not None and before not in by_name):
        at = 0
    else:
        at = next((index for index, turn in enumerate(turns) if turn[1] == before), len(turns))
    leaving = {turn[1] for turn in moved}
    ahead = [turn for turn in turns[:at] if turn[1] not in leaving]
    return [*ahead, *moved, *(turn for turn in turns[at:] if turn[1] not in leaving)]


def _spread(numbers: list[float]) -> list[float]:
    """The same numbers, ascending; those that are equal get different ones before the next larger."""
    runs = [(value, len(list(same))) for value, same in groupby(sorted(numbers))]
    following = [value for value, _ in runs[1:]]
    spread: list[float] = []
    for index, (value, count) in enumerate(runs):
        room = following[index] - value if index < len(following) else 1.0
        spread += [value + room * place / count if place else value for place in range(count)]
    return spread
