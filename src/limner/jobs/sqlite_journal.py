"""The journal in a SQLite file: one writer thread, write-ahead log, readers beside it.

What is acknowledged is on the disk (synchronous FULL) for accepted jobs and terminal events; claims and the events
between are safe from the end of the process at once and from the end of the machine with the next durable commit.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from limner.engine.events import (
    TERMINAL,
    TRANSIENT,
    AnyEvent,
    Claimed,
    Failed,
    Failure,
    Interrupted,
    Queued,
    Requeued,
    Started,
)
from limner.graph.errors import DocumentError, StorageError
from limner.jobs import sqlite_statements as sql
from limner.jobs.journal import HISTORY_LIMIT, MAX_ATTEMPTS, MAX_CLAIMS, Batch, Change, Counts, KeptEvent
from limner.jobs.records import FINAL, Job, JobState, Submission, fold, fold_all, without_secrets
from limner.jobs.selection import Page, Selection
from limner.jobs.sqlite_file import JournalFile
from limner.jobs.sqlite_outbox import SqliteOutbox
from limner.jobs.sqlite_selection import select_rows
from limner.jobs.sqlite_usage import note_usage
from limner.jobs.sqlite_writer import GroupWriter, Transaction


class _Row(NamedTuple):
    """A row of ``job``, as the statements give it."""

    sequence: int
    state: str
    record: bytes
    epoch: int
    attempt: int
    spent: int
    claims: int
    ran: int


class SqliteJournal:
    """A Journal in the file ``path``, with ``.lock``, ``.reserve``, ``-wal`` and ``-shm`` beside it.

    Raises:
        StorageError: if the file cannot be opened as a journal, or another server has it.
    """

    def __init__(self, path: Path) -> None:
        self._encoder = msgspec.json.Encoder(enc_hook=str)
        self._jobs = msgspec.json.Decoder(Job)
        self._events = msgspec.json.Decoder(AnyEvent)
        self._file = JournalFile(path)
        try:
            with self._file.reading() as connection:
                waiting, running, finished = connection.execute(sql.COUNTS).fetchone()
                self._number = connection.execute(sql.COUNTER, ("number",)).fetchone()[0]
            self._numbers = threading.Lock()
            self._counts = Counter({"waiting": waiting, "running": running, "finished": finished})
            self._writer = GroupWriter(path, self._file.connect, self._counts.update, self._file.give_reserve)
            self.outbox = SqliteOutbox(self._writer, self._file)
        except BaseException:
            self._file.close()
            raise

    def next_number(self) -> int:
        """Takes the next automatic queue number."""
        with self._numbers:
            self._number += 1
            return self._number

    def submit(self, submission: Submission) -> Job:
        """Accepts a job; see Journal."""
        if isinstance(submission.number, float) and not math.isfinite(submission.number):
            raise DocumentError(f"The queue number must be finite; it is {submission.number}.")
        if not submission.created:
            submission = msgspec.structs.replace(submission, created=_now())
        self._encode(submission)
        job = self._writer.do(lambda transaction: self._accept(transaction, submission), vital=False)
        self._file.keep_reserve()
        return job

    def claim(self, worker: str) -> Job | None:
        """Gives the first waiting job to a worker; see Journal."""
        if not self._counts["waiting"]:
            return None
        return self._writer.do(lambda transaction: self._claim(transaction, worker), durable=False)

    def append(self, job_id: str, epoch: int, events: Sequence[AnyEvent]) -> bool:
        """Appends events under a lease; see Journal."""
        return self.append_many([Batch(job_id, epoch, events)])[0]

    def append_many(self, batches: Sequence[Batch]) -> list[bool]:
        """Appends to several jobs in one transaction; see Journal."""
        durable = any(isinstance(event, TERMINAL) for batch in batches for event in batch.events)
        return self._writer.do(
            lambda transaction: [self._append(transaction, batch) for batch in batches], durable=durable
        )

    def interrupt_waiting(self, job_id: str) -> Change | None:
        """Ends a waiting job as Interrupted; see Journal."""

        def work(transaction: Transaction) -> Change | None:
            row = _row(transaction, job_id)
            if row is None or row.state != JobState.WAITING:
                return None
            event = Interrupted(job=job_id, time=_now())
            return Change(self._end(transaction, row, [event]), event)

        return self._writer.do(work)

    def lost(self, job_id: str, epoch: int, reason: str, *, excused: bool = False) -> Change | None:
        """Takes a job from a worker that is gone; see Journal."""

        def work(transaction: Transaction) -> Change | None:
            row = _row(transaction, job_id)
            if row is None or row.state != JobState.RUNNING or row.epoch != epoch:
                return None
            return self._take_back(transaction, row, job_id, reason, excused)

        return self._writer.do(work)

    def recover(self, reason: str) -> list[Change]:
        """Takes all running jobs from their workers; see Journal."""

        def work(transaction: Transaction) -> list[Change]:
            rows = [_Row(*row) for row in transaction.execute(sql.RUNNING)]
            names = [self._decode(row.record).submission.id for row in rows]
            return [
                self._take_back(transaction, row, name, reason, False) for row, name in zip(rows, names, strict=True)
            ]

        return self._writer.do(work)

    def heartbeat(self, worker: str) -> None:
        """Notes that a worker is alive."""
        self._writer.do(lambda transaction: transaction.execute(sql.BEAT, (worker, _now())), durable=False)

    def get(self, job_id: str) -> Job | None:
        """A job in whatever state, or None."""
        with self._file.reading() as connection:
            found = connection.execute(sql.JOB_BY_ID, (job_id,)).fetchone()
            return None if found is None else self._folded(connection, _Row(*found))

    def waiting(self) -> list[Job]:
        """Waiting jobs in the order in which they will run."""
        with self._file.reading() as connection:
            rows = [_Row(*row) for row in connection.execute(sql.WAITING)]
            return [self._folded(connection, row) if row.epoch else self._decode(row.record) for row in rows]

    def running(self) -> list[Job]:
        """Running jobs in the order of their claims."""
        with self._file.reading() as connection:
            rows = [_Row(*row) for row in connection.execute(sql.RUNNING)]
            return [self._folded(connection, row) for row in rows]

    def history(self, max_items: int | None = None, offset: int = -1) -> list[Job]:
        """Finished jobs in the order of completion; see Journal."""
        limit = HISTORY_LIMIT if max_items is None else max(0, min(max_items, HISTORY_LIMIT))
        with self._file.reading() as connection:
            if offset < 0:
                rows = connection.execute(sql.HISTORY_LAST, (limit,)).fetchall()[::-1]
            else:
                rows = connection.execute(sql.HISTORY, (limit, offset)).fetchall()
        return [self._decode(record) for (record,) in rows]

    def select(self, wanted: Selection) -> Page:
        """A page of jobs in any state; see Journal."""
        with self._file.reading() as connection:
            rows, total = select_rows(connection, wanted)
            return Page([self._folded(connection, _Row(*row)) for row in rows], total)

    def events(self, job_id: str, after: int = 0) -> list[KeptEvent]:
        """The kept events of a job with numbers above ``after``."""
        with self._file.reading() as connection:
            found = connection.execute(sql.JOB_BY_ID, (job_id,)).fetchone()
            rows = connection.execute(sql.EVENTS, (found[0], after)).fetchall() if found else []
        return [KeptEvent(number, self._events.decode(body)) for number, body in rows]

    def remove_waiting(self, ids: Iterable[str] | None = None) -> list[Job]:
        """Takes jobs out of the queue without a trace; see Journal."""
        wanted = None if ids is None else list(dict.fromkeys(ids))

        def work(transaction: Transaction) -> list[Job]:
            if wanted is None:
                rows = [_Row(*row) for row in transaction.execute(sql.WAITING)]
            else:
                found = [_row(transaction, name) for name in wanted]
                rows = [row for row in found if row is not None and row.state == JobState.WAITING]
            return [self._remove(transaction, row) for row in rows]

        return self._writer.do(work)

    def delete_history(self, ids: Iterable[str] | None = None) -> int:
        """Forgets finished jobs; see Journal."""
        wanted = None if ids is None else list(dict.fromkeys(ids))

        def work(transaction: Transaction) -> int:
            if wanted is None:
                transaction.execute(sql.HISTORY_DELETE_EVENTS)
                deleted = transaction.execute(sql.HISTORY_DELETE).rowcount
            else:
                rows = [row for row in (_row(transaction, name) for name in wanted) if row and row.state in FINAL]
                for row in rows:
                    _delete(transaction, row)
                deleted = len(rows)
            transaction.moved["finished"] -= deleted
            return deleted

        return self._writer.do(work)

    def counts(self) -> Counts:
        """How many jobs stand where."""
        counts = self._counts
        return Counts(waiting=counts["waiting"], running=counts["running"], finished=counts["finished"])

    def close(self) -> None:
        """Writes what is left and lets go of the files."""
        self._writer.close()
        self._file.close()

    def _accept(self, transaction: Transaction, submission: Submission) -> Job:
        row = _row(transaction, submission.id)
        if row is not None and row.state not in FINAL:
            return self._again(submission, self._folded(transaction, row))
        if row is not None:
            _delete(transaction, row)
            transaction.moved["finished"] -= 1
        number = submission.number
        if number is None:
            number = -self.next_number() if submission.front else self.next_number()
        if isinstance(number, int):
            transaction.execute(sql.COUNTER_RAISE, (min(abs(number), 1 << 62), "number"))
        secrets = self._encode(submission.secrets) if submission.secrets else None
        job = without_secrets(Job(submission=msgspec.structs.replace(submission, number=number)))
        order = number if abs(number) < 1 << 62 else float(number)
        listed = (submission.created, submission.workflow, submission.owner)
        cursor = transaction.execute(sql.JOB_ADD, (submission.id, order, self._encode(job), secrets, *listed))
        sequence = cursor.fetchone()[0]
        self._hold(transaction, submission)
        self._write(transaction, sequence, [Queued(job=submission.id, time=submission.created)])
        transaction.moved["waiting"] += 1
        return job

    def _again(self, submission: Submission, known: Job) -> Job:
        """A submission whose id waits or runs: the same one again, or somebody else's."""
        same = known.submission.document == submission.document and known.submission.targets == submission.targets
        if same and known.submission.owner == submission.owner:
            return known
        raise StorageError(
            f"Another job with the id {submission.id!r} waits or runs. Choose another id, or leave it out."
        )

    def _claim(self, transaction: Transaction, worker: str) -> Job | None:
        found = transaction.execute(sql.JOB_NEXT).fetchone()
        if found is None:
            return None
        row, secrets = _Row(*found[:-1]), found[-1]
        epoch = transaction.execute(sql.COUNTER_NEXT, ("epoch",)).fetchone()[0]
        job = self._decode(row.record)
        attempt = row.spent + 1
        claimed = Claimed(job=job.submission.id, time=_now(), worker=worker, epoch=epoch, attempt=attempt)
        transaction.execute(sql.JOB_CLAIM, (worker, epoch, attempt, row.sequence))
        self._write(transaction, row.sequence, [claimed])
        transaction.moved.update({"waiting": -1, "running": 1})
        if secrets is None:
            return fold(job, claimed)
        known = msgspec.json.decode(secrets, type=dict[str, str])
        return fold(
            msgspec.structs.replace(job, submission=msgspec.structs.replace(job.submission, secrets=known)), claimed
        )

    def _append(self, transaction: Transaction, batch: Batch) -> bool:
        row = _row(transaction, batch.job)
        if row is None or row.state != JobState.RUNNING or row.epoch != batch.epoch:
            return False
        kept = _kept(batch.events)
        if kept and isinstance(kept[-1], TERMINAL):
            self._end(transaction, row, kept)
            return True
        self._write(transaction, row.sequence, kept)
        if not row.ran and any(isinstance(event, Started) for event in kept):
            transaction.execute(sql.JOB_RAN, (row.sequence,))
        return True

    def _take_back(self, transaction: Transaction, row: _Row, name: str, reason: str, excused: bool) -> Change:
        """Requeues a job of a lost worker, or fails it if it had its attempts."""
        spent = row.spent if row.ran and not excused else row.spent - 1
        claims = row.claims - excused
        event: AnyEvent = Requeued(job=name, time=_now(), reason=reason)
        if spent < MAX_ATTEMPTS and claims < MAX_CLAIMS:
            self._write(transaction, row.sequence, [event])
            transaction.execute(sql.JOB_REQUEUE, (spent, claims, row.sequence))
            transaction.moved.update({"waiting": 1, "running": -1})
            return Change(self._replay(transaction, row), event)
        advice = f"It was tried {claims} times and lost its worker each time, so it is not tried again."
        failure = Failure(place=None, node_type="", error_type="WorkerLostError", message=f"{reason} {advice}")
        event = Failed(job=name, time=_now(), failure=failure)
        return Change(self._end(transaction, row, [event]), event)

    def _end(self, transaction: Transaction, row: _Row, events: Sequence[AnyEvent]) -> Job:
        """Writes a job's last events: it is final, its secrets are gone, it is in the history."""
        self._write(transaction, row.sequence, events)
        job = self._replay(transaction, row)
        completion = transaction.execute(sql.COUNTER_NEXT, ("completion",)).fetchone()[0]
        took = max(0, job.ended - job.started) if job.started else 0
        record = self._encode(job)
        transaction.execute(sql.JOB_END, (job.state, record, completion, took, row.sequence))
        transaction.execute(sql.ERRANDS_DUE, (record, job.ended, job.submission.id))
        note_usage(transaction, job)
        transaction.moved.update({row.state: -1, "finished": 1})
        return job

    def _remove(self, transaction: Transaction, row: _Row) -> Job:
        job = self._replay(transaction, row)
        _delete(transaction, row)
        transaction.moved["waiting"] -= 1
        job = fold(job, Interrupted(job=job.submission.id, time=_now()))
        transaction.execute(sql.ERRANDS_DUE, (self._encode(job), job.ended, job.submission.id))
        note_usage(transaction, job)
        return job

    def _hold(self, transaction: Transaction, submission: Submission) -> None:
        """Writes down what is to be done once the job has ended."""
        for errand in submission.errands:
            secrets = self._encode(errand.secrets) if errand.secrets else None
            values = (submission.id, submission.owner, errand.kind, errand.stage, self._encode(errand.body), secrets)
            transaction.execute(sql.ERRAND_ADD, values)

    def _write(self, transaction: Transaction, sequence: int, events: Sequence[AnyEvent]) -> None:
        last = transaction.execute(sql.EVENT_LAST, (sequence,)).fetchone()[0]
        rows = [(sequence, last + index, self._encode(event)) for index, event in enumerate(events, 1)]
        transaction.executemany(sql.EVENT_ADD, rows)

    def _folded(self, connection: Any, row: _Row) -> Job:
        """The job of a row: as it was written at its end, or replayed."""
        return self._decode(row.record) if row.state in FINAL else self._replay(connection, row)

    def _replay(self, connection: Any, row: _Row) -> Job:
        rows = connection.execute(sql.EVENTS, (row.sequence, 0))
        return fold_all(self._decode(row.record), (self._events.decode(body) for _, body in rows))

    def _decode(self, record: bytes) -> Job:
        try:
            return self._jobs.decode(record)
        except msgspec.MsgspecError as error:
            raise StorageError(
                f"The journal holds a job that cannot be read ({error}). Move the journal away to start with an empty "
                "queue, or put a backup in its place."
            ) from error

    def _encode(self, value: object) -> bytes:
        try:
            return self._encoder.encode(value)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise DocumentError(f"The job holds a value that JSON cannot express: {error}") from error


def _row(transaction: Transaction, job_id: str) -> _Row | None:
    found = transaction.execute(sql.JOB_BY_ID, (job_id,)).fetchone()
    return None if found is None else _Row(*found)


def _delete(transaction: Transaction, row: _Row) -> None:
    transaction.execute(sql.EVENTS_DELETE, (row.sequence,))
    transaction.execute(sql.JOB_DELETE, (row.sequence,))


def _kept(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """The events that a journal keeps, up to the terminal one."""
    kept: list[AnyEvent] = []
    for event in events:
        if isinstance(event, TRANSIENT):
            continue
        kept.append(event)
        if isinstance(event, TERMINAL):
            break
    return kept


def _now() -> int:
    return time.time_ns() // 1_000_000
