"""The journal in a SQLite file: one writer thread, write-ahead log, readers beside it.

What is acknowledged is on the disk (synchronous FULL) for accepted jobs and terminal events; claims and the events
between are safe from the end of the process at once and from the end of the machine with the next durable commit.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from limner.engine.events import (
    TERMINAL,
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
from limner.jobs.journal import MAX_ATTEMPTS, MAX_CLAIMS, Batch, Change, Counts, KeptEvent
from limner.jobs.records import FINAL, TRACELESS, Job, JobState, Submission, fold, fold_all, without_secrets
from limner.jobs.searching import searched
from limner.jobs.selection import Page, Selection
from limner.jobs.sqlite_file import JournalFile
from limner.jobs.sqlite_keys import SqliteKeys, keep_labels, take_key
from limner.jobs.sqlite_outbox import SqliteOutbox
from limner.jobs.sqlite_paces import SqlitePaces, note_paces
from limner.jobs.sqlite_rows import Row, delete_row, kept, now, row_of, rows_of, taken
from limner.jobs.sqlite_selection import delete_finished, history_records, owned_rows, select_rows
from limner.jobs.sqlite_turns import SqliteTurns
from limner.jobs.sqlite_usage import note_usage
from limner.jobs.sqlite_writer import GroupWriter, Transaction


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
                counts = connection.execute(sql.COUNTS).fetchall()
                self._number = connection.execute(sql.COUNTER, ("number",)).fetchone()[0]
            self._numbers = threading.Lock()
            self._counts: Counter[str] = Counter()
            for state, owner, count in counts:
                self._counts.update({state: count, f"{state} {owner}": count})
            self._writer = GroupWriter(path, self._file.connect, self._counts.update, self._file.give_reserve)
            self.outbox = SqliteOutbox(self._writer, self._file)
            self.keys = SqliteKeys(self._writer, self._file)
            self.turns = SqliteTurns(self._writer, self._file)
            self.paces = SqlitePaces(self._file)
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
            submission = msgspec.structs.replace(submission, created=now())
        self._encode(submission)
        job = self._writer.do(lambda transaction: self._accept(transaction, submission), vital=False)
        self._file.keep_reserve()
        return job

    def claim(self, worker: str) -> Job | None:
        """Gives the first waiting job to a worker; see Journal."""
        if self.turns.paused or self._counts["waiting"] <= self._counts["held"]:
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
            row = row_of(transaction, job_id)
            if row is None or row.state != JobState.WAITING:
                return None
            event = Interrupted(job=job_id, time=now())
            return Change(self._end(transaction, row, [event]), event)

        return self._writer.do(work)

    def lost(self, job_id: str, epoch: int, reason: str, *, excused: bool = False) -> Change | None:
        """Takes a job from a worker that is gone; see Journal."""

        def work(transaction: Transaction) -> Change | None:
            row = row_of(transaction, job_id)
            if row is None or row.state != JobState.RUNNING or row.epoch != epoch:
                return None
            return self._take_back(transaction, row, job_id, reason, excused)

        return self._writer.do(work)

    def recover(self, reason: str) -> list[Change]:
        """Takes all running jobs from their workers; see Journal."""

        def work(transaction: Transaction) -> list[Change]:
            rows = [Row(*row) for row in transaction.execute(sql.RUNNING.format(owned=""))]
            names = [self._decode(row.record).submission.id for row in rows]
            return [
                self._take_back(transaction, row, name, reason, False) for row, name in zip(rows, names, strict=True)
            ]

        return self._writer.do(work)

    def heartbeat(self, worker: str) -> None:
        """Notes that a worker is alive."""
        self._writer.do(lambda transaction: transaction.execute(sql.BEAT, (worker, now())), durable=False)

    def get(self, job_id: str) -> Job | None:
        """A job in whatever state, or None."""
        with self._file.reading() as connection:
            found = connection.execute(sql.JOB_BY_ID, (job_id,)).fetchone()
            return None if found is None else self._folded(connection, Row(*found))

    def waiting(self, owner: str | None = None) -> list[Job]:
        """Waiting jobs in the order in which they will run."""
        with self._file.reading() as connection:
            rows = owned_rows(connection, sql.WAITING, owner)
            return [self._folded(connection, row) if row.epoch else self._accepted(row) for row in rows]

    def position(self, job_id: str) -> int | None:
        """How many waiting jobs run before this one, and 1; see Journal."""
        with self._file.reading() as connection:
            return connection.execute(sql.POSITION, (job_id,)).fetchone()[0] or None

    def running(self, owner: str | None = None) -> list[Job]:
        """Running jobs in the order of their claims."""
        with self._file.reading() as connection:
            return [self._folded(connection, row) for row in owned_rows(connection, sql.RUNNING, owner)]

    def history(self, max_items: int | None = None, offset: int = -1, owner: str | None = None) -> list[Job]:
        """Finished jobs in the order of completion; see Journal."""
        with self._file.reading() as connection:
            records = history_records(connection, max_items, offset, owner)
        return [self._decode(record) for record in records]

    def select(self, wanted: Selection) -> Page:
        """A page of jobs in any state; see Journal."""
        with self._file.reading() as connection:
            rows, total = select_rows(connection, wanted)
            return Page([self._folded(connection, Row(*row)) for row in rows], total)

    def events(self, job_id: str, after: int = 0) -> list[KeptEvent]:
        """The kept events of a job with numbers above ``after``."""
        with self._file.reading() as connection:
            found = connection.execute(sql.JOB_BY_ID, (job_id,)).fetchone()
            rows = connection.execute(sql.EVENTS, (found[0], after)).fetchall() if found else []
        return [KeptEvent(number, self._events.decode(body)) for number, body in rows]

    def remove_waiting(self, ids: Iterable[str] | None = None, owner: str | None = None) -> list[Job]:
        """Takes jobs out of the queue without a trace; see Journal."""
        wanted = None if ids is None else list(dict.fromkeys(ids))

        def work(transaction: Transaction) -> list[Job]:
            if wanted is None:
                rows = owned_rows(transaction, sql.WAITING, owner)
            else:
                rows = rows_of(transaction, wanted, {JobState.WAITING}, owner)
            return [self._remove(transaction, row) for row in rows]

        return self._writer.do(work)

    def delete_history(self, ids: Iterable[str] | None = None, owner: str | None = None) -> int:
        """Forgets finished jobs; see Journal."""
        wanted = None if ids is None else list(dict.fromkeys(ids))

        def work(transaction: Transaction) -> int:
            if wanted is None:
                return delete_finished(transaction, owner)
            rows = rows_of(transaction, wanted, FINAL, owner)
            for row in rows:
                delete_row(transaction, row)
                transaction.move(row.owner, finished=-1)
            return len(rows)

        return self._writer.do(work)

    def counts(self, owner: str | None = None) -> Counts:
        """How many jobs stand where."""
        whose, counts = "" if owner is None else f" {owner}", self._counts
        states = ("waiting", "running", "finished", "held")
        return Counts(**{state: counts[f"{state}{whose}"] for state in states})

    def spent(self, owner: str, since: int) -> tuple[int, float]:
        """What an owner's jobs took since a moment; see Journal."""
        with self._file.reading() as connection:
            return connection.execute(sql.USAGE_OF, (since, owner)).fetchone()

    def close(self) -> None:
        """Writes what is left and lets go of the files."""
        self._writer.close()
        self._file.close()

    def _accept(self, transaction: Transaction, submission: Submission) -> Job:
        row = row_of(transaction, submission.id)
        take_key(transaction, submission)
        if row is not None and row.state not in FINAL:
            return self._again(submission, self._folded(transaction, row))
        if row is not None and row.owner != submission.owner:
            raise taken(submission.id)
        if row is not None:
            delete_row(transaction, row)
            transaction.move(row.owner, finished=-1)
        number = submission.number
        if number is None:
            number = -self.next_number() if submission.front else self.next_number()
        if isinstance(number, int):
            transaction.execute(sql.COUNTER_RAISE, (min(abs(number), 1 << 62), "number"))
        secrets = self._encode(submission.secrets) if submission.secrets else None
        job = without_secrets(Job(submission=msgspec.structs.replace(submission, number=number)))
        order = number if abs(number) < 1 << 62 else float(number)
        listed = (submission.created, submission.workflow, submission.owner, *searched(submission))
        cursor = transaction.execute(sql.JOB_ADD, (submission.id, order, self._encode(job), secrets, *listed))
        sequence = cursor.fetchone()[0]
        self._hold(transaction, submission)
        keep_labels(transaction, sequence, submission)
        self._write(transaction, sequence, [Queued(job=submission.id, time=submission.created)])
        transaction.move(submission.owner, waiting=1)
        return job

    def _again(self, submission: Submission, known: Job) -> Job:
        """A submission whose id waits or runs: the same one again, or somebody else's."""
        same = known.submission.document == submission.document and known.submission.targets == submission.targets
        if same and known.submission.owner == submission.owner:
            return known
        raise taken(submission.id)

    def _claim(self, transaction: Transaction, worker: str) -> Job | None:
        found = None if self.turns.paused else transaction.execute(sql.JOB_NEXT).fetchone()
        if found is None:
            return None
        row, secrets = Row(*found[:-1]), found[-1]
        epoch = transaction.execute(sql.COUNTER_NEXT, ("epoch",)).fetchone()[0]
        job = self._accepted(row)
        attempt = row.spent + 1
        claimed = Claimed(job=job.submission.id, time=now(), worker=worker, epoch=epoch, attempt=attempt)
        transaction.execute(sql.JOB_CLAIM, (worker, epoch, attempt, row.sequence))
        self._write(transaction, row.sequence, [claimed])
        transaction.move(row.owner, waiting=-1, running=1)
        if secrets is None:
            return fold(job, claimed)
        known = msgspec.json.decode(secrets, type=dict[str, str])
        return fold(
            msgspec.structs.replace(job, submission=msgspec.structs.replace(job.submission, secrets=known)), claimed
        )

    def _append(self, transaction: Transaction, batch: Batch) -> bool:
        row = row_of(transaction, batch.job)
        if row is None or row.state != JobState.RUNNING or row.epoch != batch.epoch:
            return False
        events = kept(batch.events)
        if events and isinstance(events[-1], TERMINAL):
            self._end(transaction, row, events)
            return True
        self._write(transaction, row.sequence, events)
        if not row.ran and any(isinstance(event, Started) for event in events):
            transaction.execute(sql.JOB_RAN, (row.sequence,))
        return True

    def _take_back(self, transaction: Transaction, row: Row, name: str, reason: str, excused: bool) -> Change:
        """Requeues a job of a lost worker, ends it if that was asked for, or fails it if it had its attempts."""
        if self._replay(transaction, row).stopping:
            stopped = Interrupted(job=name, time=now())
            return Change(self._end(transaction, row, [stopped]), stopped)
        spent = row.spent if row.ran and not excused else row.spent - 1
        claims = row.claims - excused
        event: AnyEvent = Requeued(job=name, time=now(), reason=reason)
        if spent < MAX_ATTEMPTS and claims < MAX_CLAIMS:
            self._write(transaction, row.sequence, [event])
            transaction.execute(sql.JOB_REQUEUE, (spent, claims, row.sequence))
            transaction.move(row.owner, waiting=1, running=-1)
            return Change(self._replay(transaction, row), event)
        advice = f"It was tried {claims} times and lost its worker each time, so it is not tried again."
        failure = Failure(place=None, node_type="", error_type="WorkerLostError", message=f"{reason} {advice}")
        event = Failed(job=name, time=now(), failure=failure)
        return Change(self._end(transaction, row, [event]), event)

    def _end(self, transaction: Transaction, row: Row, events: Sequence[AnyEvent]) -> Job:
        """Writes a job's last events: it is final, its secrets are gone, it is in the history."""
        self._write(transaction, row.sequence, events)
        job = self._replay(transaction, row)
        completion = transaction.execute(sql.COUNTER_NEXT, ("completion",)).fetchone()[0]
        took = max(0, job.ended - job.started) if job.started else 0
        record = self._encode(job)
        transaction.execute(sql.JOB_END, (job.state, record, completion, took, row.sequence))
        transaction.execute(sql.ERRANDS_DUE, (record, job.ended, job.submission.id))
        note_usage(transaction, job)
        note_paces(transaction, job)
        transaction.move(row.owner, **{row.state: -1, "finished": 1, "held": -row.held})
        return job

    def _remove(self, transaction: Transaction, row: Row) -> Job:
        job = self._replay(transaction, row)
        if job.submission.dialect not in TRACELESS:
            return self._end(transaction, row, [Interrupted(job=job.submission.id, time=now())])
        delete_row(transaction, row)
        transaction.move(row.owner, waiting=-1, held=-row.held)
        job = fold(job, Interrupted(job=job.submission.id, time=now()))
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

    def _folded(self, connection: Any, row: Row) -> Job:
        """The job of a row: as it was written at its end, or replayed."""
        return self._decode(row.record) if row.state in FINAL else self._replay(connection, row)

    def _replay(self, connection: Any, row: Row) -> Job:
        rows = connection.execute(sql.EVENTS, (row.sequence, 0))
        return fold_all(self._accepted(row), (self._events.decode(body) for _, body in rows))

    def _accepted(self, row: Row) -> Job:
        """The job of a row that is not final, as it was accepted, with what its turn says now."""
        job = self._decode(row.record)
        if job.submission.number == row.number and job.held == bool(row.held):
            return job
        submission = msgspec.structs.replace(job.submission, number=row.number)
        return msgspec.structs.replace(job, submission=submission, held=bool(row.held))

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
