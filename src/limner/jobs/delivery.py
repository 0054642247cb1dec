"""Brings events to the journal and then to listeners, in order, many at a time.

One thread takes whatever has come in since it last looked, writes the kept events of all jobs in one transaction, and
only then tells them. So a burst costs one trip to the disk, nobody hears of what could still be lost, and a terminal
event is told when the history already has the job.
"""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from limner.engine.events import TRANSIENT, AnyEvent, Failed, Failure, NodePreview, NodeProgress, Queued
from limner.graph.errors import StorageError
from limner.jobs.journal import Batch, Change, Journal
from limner.jobs.records import Job, JobState, fold

Listener = Callable[[Job, AnyEvent], None]

RETRY_SECONDS = 1.0
"""How long to wait before a write that failed (a full disk) is tried again."""

CROWDED = 10_000
"""Undelivered events from which on progress and glimpses are dropped, since fresher ones follow."""

LOG = logging.getLogger(__name__)


class _Entry(NamedTuple):
    """Something to deliver: an event to keep, to pass through, or (with ``change``) one that is on disk already."""

    job: str
    epoch: int
    event: AnyEvent | None
    change: Change | None = None
    reached: threading.Event | None = None


class Delivery:
    """Takes events from any thread; tells them from one thread of its own."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._listeners: tuple[Listener, ...] = ()
        self._entries: deque[_Entry] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._live: dict[str, Job] = {}
        self._thread = threading.Thread(target=self._serve, name="delivery", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Delivers what is left and ends the thread; gives up after ``seconds``, for instance on a full disk."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def listen(self, callback: Listener) -> Callable[[], None]:
        """Calls ``callback`` for every event from now on; the result ends that."""
        with self._changed:
            self._listeners = (*self._listeners, callback)

        def unsubscribe() -> None:
            with self._changed:
                self._listeners = tuple(known for known in self._listeners if known is not callback)

        return unsubscribe

    def written(self, change: Change) -> None:
        """Tells an event that the journal has already."""
        self._put(_Entry(change.job.submission.id, change.job.epoch, None, change))

    def emit(self, job_id: str, epoch: int, event: AnyEvent) -> None:
        """Keeps an event of a running job, if it is of the kept kind, and then tells it."""
        if len(self._entries) > CROWDED and _droppable(event):
            return
        self._put(_Entry(job_id, epoch, event))

    def flush(self, unless: threading.Event | None = None) -> None:
        """Waits until everything that came before is on disk and told, or ``unless`` is set."""
        reached = threading.Event()
        self._put(_Entry("", 0, None, None, reached))
        while not reached.wait(0.5) and self._thread.is_alive():
            if unless is not None and unless.is_set():
                return

    def _put(self, entry: _Entry) -> None:
        with self._changed:
            self._entries.append(entry)
            self._changed.notify()

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._entries and not self._stopping:
                    self._changed.wait()
                entries = list(self._entries)
                self._entries.clear()
            if not entries:
                return
            refused = self._keep(entries)
            for entry in entries:
                self._deliver(entry, refused)

    def _keep(self, entries: list[_Entry]) -> frozenset[tuple[str, int]]:
        """Writes the kept events of the entries; gives the leases that were refused."""
        leases: dict[tuple[str, int], list[AnyEvent]] = {}
        for entry in entries:
            if entry.event is not None and not isinstance(entry.event, TRANSIENT):
                # In the order of their last events, so that the history has jobs in the order in which they are told.
                events = leases.pop((entry.job, entry.epoch), [])
                events.append(entry.event)
                leases[entry.job, entry.epoch] = events
        if not leases:
            return frozenset()
        batches = [Batch(job, epoch, events) for (job, epoch), events in leases.items()]
        accepted = self._append(batches)
        return frozenset(lease for lease, good in zip(leases, accepted, strict=True) if not good)

    def _append(self, batches: list[Batch]) -> list[bool]:
        """Writes, however long it takes; while the disk is full events wait here and nobody hears of them."""
        failures = 0
        while True:
            try:
                return self._journal.append_many(batches)
            except StorageError as error:
                if self._stopping:
                    LOG.error("Events of %d jobs could not be kept: %s", len(batches), error)
                    return [False] * len(batches)
                if not failures:
                    LOG.error("Events cannot be kept, trying again every %g s: %s", RETRY_SECONDS, error)
                failures += 1
                time.sleep(RETRY_SECONDS)
            except Exception as error:  # whatever one job's events hold, all the others' have to go on
                if len(batches) > 1:
                    return [self._append([batch])[0] for batch in batches]
                with contextlib.suppress(StorageError):
                    self._give_up(batches[0], error)
                return [False]

    def _give_up(self, batch: Batch, error: Exception) -> None:
        """Fails a job whose events cannot be written down, with the reason."""
        LOG.error("Events of job %s cannot be kept: %s", batch.job, error)
        message = f"What the job told cannot be kept: {error}"
        failure = Failure(place=None, node_type="", error_type=type(error).__qualname__, message=message)
        failed = Failed(job=batch.job, time=time.time_ns() // 1_000_000, failure=failure)
        if self._journal.append(batch.job, batch.epoch, [failed]):
            job = self._journal.get(batch.job)
            if job is not None:
                self.written(Change(job, failed))

    def _deliver(self, entry: _Entry, refused: frozenset[tuple[str, int]]) -> None:
        if entry.reached is not None:
            entry.reached.set()
        elif entry.change is not None:
            self._tell(*entry.change)
        elif entry.event is not None and (entry.job, entry.epoch) not in refused:
            job = self._live.get(entry.job)
            if job is not None and job.epoch == entry.epoch:
                self._tell(fold(job, entry.event), entry.event)

    def _tell(self, job: Job, event: AnyEvent) -> None:
        name = job.submission.id
        if isinstance(event, Queued) and name in self._live:
            return  # submitted again while it runs
        if job.state is JobState.RUNNING:
            self._live[name] = job
        else:
            self._live.pop(name, None)
        for listener in self._listeners:
            try:
                listener(job, event)
            except Exception:
                LOG.exception("A listener failed at %s of job %s.", type(event).__name__, name)


def _droppable(event: AnyEvent) -> bool:
    return isinstance(event, NodeProgress) or (isinstance(event, NodePreview) and not event.final)
