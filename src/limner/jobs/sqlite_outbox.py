"""The outbox in the SQLite file of the journal: the same writer, so that a job's end and its errands are one commit."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import msgspec

from limner.graph.errors import StorageError
from limner.jobs import sqlite_outbox_statements as sql
from limner.jobs.outbox import ErrandState, KeptErrand
from limner.jobs.records import Errand, Job
from limner.jobs.sqlite_file import JournalFile
from limner.jobs.sqlite_writer import GroupWriter, Transaction


class SqliteOutbox:
    """An Outbox in a journal's file."""

    def __init__(self, writer: GroupWriter, file: JournalFile) -> None:
        self._writer, self._file = writer, file
        self._jobs = msgspec.json.Decoder(Job)

    def due(self, now: int, limit: int, but: Collection[int] = ()) -> list[KeptErrand]:
        """The errands to carry now; see Outbox."""
        with self._file.reading() as connection:
            rows = connection.execute(sql.DUE, (now, limit + len(but))).fetchall()
        return [self._kept(row[:-1], secrets=row[-1]) for row in rows if row[0] not in but][:limit]

    def next_due(self, now: int) -> int | None:
        """When the next errand is due; see Outbox."""
        with self._file.reading() as connection:
            return connection.execute(sql.NEXT_DUE, (now,)).fetchone()[0]

    def done(self, number: int, result: Any) -> None:
        """Notes that an errand is done; see Outbox."""
        values = (msgspec.json.encode(result), _now(), number)
        self._writer.do(lambda transaction: transaction.execute(sql.DONE, values))

    def again(self, number: int, due: int, reason: str, *, counted: bool = True) -> None:
        """Notes a try in vain; see Outbox."""
        values = (int(counted), due, reason, number)
        self._writer.do(lambda transaction: transaction.execute(sql.AGAIN, values), durable=False)

    def give_up(self, number: int, reason: str) -> None:
        """Notes that an errand is not tried any more; see Outbox."""
        self._writer.do(lambda transaction: transaction.execute(sql.GIVE_UP, (reason, _now(), number)))

    def hasten(self, numbers: Iterable[int], now: int) -> None:
        """Makes errands due that wait for their next try; see Outbox."""
        rows = [(now, number, now) for number in numbers]
        self._writer.do(lambda transaction: transaction.executemany(sql.HASTEN, rows), durable=False)

    def redeliver(self, number: int, now: int) -> bool:
        """Has an errand done again; see Outbox."""
        return self._changed(lambda transaction: transaction.execute(sql.REDELIVER, (now, number)).rowcount) > 0

    def get(self, number: int) -> KeptErrand | None:
        """One errand; see Outbox."""
        found = self._read(sql.BY_ID, (number,))
        return found[0] if found else None

    def of_job(self, job: str) -> list[KeptErrand]:
        """The errands of a job by stages; see Outbox."""
        found = self._read(sql.OF_JOB, (job,))
        began = max((_began(kept) for kept in found), default=0)
        return [kept for kept in found if _began(kept) == began]

    def latest(self, limit: int, owner: str | None = None, state: ErrandState | None = None) -> list[KeptErrand]:
        """The newest errands first; see Outbox."""
        wanted = {"owner": owner, "state": state}
        given = {column: value for column, value in wanted.items() if value is not None}
        condition = " AND ".join(f"{column} = ?" for column in given) or "1"
        return self._read(sql.LATEST.format(condition=condition), (*given.values(), limit))

    def outstanding(self) -> dict[str, int]:
        """How many errands are due, by kind; see Outbox."""
        with self._file.reading() as connection:
            return dict(connection.execute(sql.OUTSTANDING))

    def forget(self, before: int) -> int:
        """Forgets what was settled before a moment; see Outbox."""
        return self._changed(lambda transaction: transaction.execute(sql.FORGET, (before,)).rowcount)

    def _changed(self, work: Callable[[Transaction], int]) -> int:
        return self._writer.do(work)

    def _read(self, statement: str, values: Sequence[Any]) -> list[KeptErrand]:
        with self._file.reading() as connection:
            return [self._kept(row) for row in connection.execute(statement, values)]

    def _kept(self, row: Sequence[Any], secrets: bytes | None = None) -> KeptErrand:
        number, job, owner, kind, stage, body, state, record, attempts, due, result, reason, ended = row
        try:
            known = msgspec.json.decode(secrets, type=dict[str, str]) if secrets else {}
            return KeptErrand(
                id=number,
                job=job,
                owner=owner,
                errand=Errand(kind=kind, body=msgspec.json.decode(body), secrets=known, stage=stage),
                state=ErrandState(state),
                record=None if record is None else self._jobs.decode(record),
                attempts=attempts,
                due=due,
                result=None if result is None else msgspec.json.decode(result),
                reason=reason,
                ended=ended,
            )
        except (msgspec.MsgspecError, ValueError) as error:
            raise StorageError(
                f"The journal holds an errand that cannot be read ({error}). Move the journal away to start with an "
                "empty queue, or put a backup in its place."
            ) from error


def _began(kept: KeptErrand) -> float:
    """When the job of an errand was asked for; the one that has not ended is the latest."""
    return kept.record.submission.created if kept.record is not None else float("inf")


def _now() -> int:
    return time.time_ns() // 1_000_000
