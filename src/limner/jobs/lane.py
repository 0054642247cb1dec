"""One worker's threads: claim a job, run it, see to what becomes of it."""

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Protocol

from limner.engine.events import (
    TERMINAL,
    AnyEvent,
    Claimed,
    Failed,
    Failure,
    Interrupted,
    NodePlace,
    Requeued,
    Stopping,
)
from limner.engine.run import RunRequest, Worker
from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog
from limner.graph.errors import StorageError, WorkerLostError
from limner.jobs.delivery import RETRY_SECONDS, Delivery
from limner.jobs.gate import BackOff, Gate
from limner.jobs.journal import Change, Journal
from limner.jobs.records import Job, without_secrets
from limner.jobs.stopwatch import Stopwatch

LOG = logging.getLogger(__name__)


class Queue(Protocol):
    """What a lane needs of its dispatcher."""

    journal: Journal
    delivery: Delivery
    stopping: threading.Event

    def wait_for_work(self, seconds: float) -> None:
        """Returns when a job may be waiting, or after so many seconds."""
        ...

    def announced(self, job_id: str) -> None:
        """Waits until listeners know that the job was accepted."""
        ...

    def work_came(self) -> None:
        """Wakes lanes that wait for work."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Stops a job, wherever it is."""
        ...


class Lane:
    """A worker and the threads that feed it.

    Args:
        worker: Runs the jobs.
        concurrency: Jobs that run at once.
        queue: Where jobs come from.
    """

    def __init__(self, worker: Worker, concurrency: int, queue: Queue) -> None:
        self.worker = worker
        self._queue = queue
        self._lock = threading.Lock()
        self._running: dict[str, Job] = {}
        self._cancelled: set[str] = set()
        self._told: set[str] = set()
        """Jobs that run here and of which listeners know it."""
        self._gate = Gate()
        self._back_off = BackOff()
        self._described = threading.Condition()
        self._catalog: Catalog | None = None
        self._lost: WorkerLostError | None = None
        self._losses = 0
        self._threads = [
            threading.Thread(target=self._serve, name=f"{worker.name}-lane-{index}", daemon=True)
            for index in range(concurrency)
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def join(self, deadline: float) -> None:
        """Waits for the threads until a moment of ``time.monotonic``."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def running(self) -> list[Job]:
        """The jobs that run here."""
        with self._lock:
            return list(self._running.values())

    def catalog(self) -> Catalog:
        """What the worker said last that it can do, even while it is being restarted; waits for the first time.

        Raises:
            WorkerLostError: if it could not be started.
        """
        with self._described:
            losses = self._losses
            while self._catalog is None:
                if self._lost is not None and self._losses != losses:
                    raise self._lost
                if self._queue.stopping.is_set():
                    raise WorkerLostError(f"Worker {self.worker.name} is not started: the server is stopping.")
                self._described.wait(0.5)
            return self._catalog

    def cancel(self, job_id: str) -> bool:
        """Asks a job to stop, if it runs here; that it was asked outlives the server."""
        with self._lock:
            job = self._running.get(job_id)
            if job is None:
                return False
            news = job_id in self._told and job_id not in self._cancelled
            self._cancelled.add(job_id)
        if news:
            self._tell_stopping(job)
        self._ask_to_stop(job_id)
        return True

    def restart(self, seconds: float) -> None:
        """Starts the worker anew and waits until it is up.

        Args:
            seconds: How long jobs that run may take to finish; then they go back to the queue.

        Raises:
            WorkerLostError: if it does not come up.
        """
        deadline = time.monotonic() + seconds

        def too_late() -> bool:
            return time.monotonic() > deadline or self._queue.stopping.is_set()

        with self._gate.enter(alone=True, leave_queue=too_late):
            if not self._queue.stopping.is_set():
                self.worker.restart()
                self._describe()

    def remind(self) -> None:
        """Asks again; the first time may have come before the worker knew the job."""
        with self._lock:
            cancelled = list(self._cancelled)
        for job_id in cancelled:
            self._ask_to_stop(job_id)

    def _tell_stopping(self, job: Job) -> None:
        name = job.submission.id
        self._queue.delivery.emit(name, job.epoch, Stopping(job=name, time=_now()))

    def _tell_claimed(self, job: Job) -> None:
        """Tells that a job runs; who asked it to stop before anybody knew is told of after it."""
        name = job.submission.id
        claimed = Claimed(job=name, time=_now(), worker=self.worker.name, epoch=job.epoch, attempt=job.attempt)
        self._queue.delivery.written(Change(without_secrets(job), claimed))
        with self._lock:
            self._told.add(name)
            late = name in self._cancelled
        if late:
            self._tell_stopping(job)

    def _ask_to_stop(self, job_id: str) -> None:
        try:
            self.worker.cancel(job_id)
        except WorkerLostError:
            LOG.info("Job %s is cancelled; its worker is gone already.", job_id)

    def _serve(self) -> None:
        while not self._queue.stopping.is_set():
            try:
                job = self._next()
                if job is not None:
                    self._carry(job)
            except WorkerLostError as error:
                self._worker_lost(error)
            except StorageError as error:
                LOG.error("No job can be claimed: %s", error)
                self._queue.stopping.wait(RETRY_SECONDS)
            except Exception:
                LOG.exception("Worker %s cannot take jobs.", self.worker.name)
                self._queue.stopping.wait(RETRY_SECONDS)

    def _next(self) -> Job | None:
        """The next job, once the worker is up; None if there is none for now."""
        self._queue.stopping.wait(self._back_off.delay())
        self._describe()
        if self._queue.stopping.is_set():
            return None
        job = self._queue.journal.claim(self.worker.name)
        if job is None:
            self._queue.wait_for_work(1.0)
        return job

    def _describe(self) -> None:
        catalog = self.worker.describe()
        if catalog is not self._catalog:
            with self._described:
                self._catalog = catalog
                self._described.notify_all()

    def _carry(self, job: Job) -> None:
        """Runs a claimed job to its end, whatever that is, and sees it on disk.

        A server that dies runs those jobs again whose end is not on disk. Without the wait a slow disk would let any
        number of finished ones gather; so it is one for each thread.
        """
        name = job.submission.id
        with self._lock:
            self._running[name] = job
        requeued = False
        try:
            self._queue.announced(name)
            self._tell_claimed(job)
            requeued = self._run(job)
            self._queue.delivery.flush(self._queue.stopping)
        finally:
            cancelled = self._leave(job)
        if requeued and cancelled:  # somebody asked while the job was on its way back to the queue
            self._queue.cancel(name)

    def _leave(self, job: Job) -> bool:
        """Lets go of a job; whether it was to stop. It may be another thread's by now, with what was asked of it."""
        name = job.submission.id
        with self._lock:
            if self._running.get(name) is not job:
                return False
            cancelled = name in self._cancelled
            self._cancelled.discard(name)
            self._told.discard(name)
            del self._running[name]
            return cancelled

    def _run(self, job: Job) -> bool:
        """Runs a job; whether it went back to the queue."""
        name = job.submission.id
        ended = threading.Event()
        emit = self._emitter(job, ended)

        def unwanted() -> bool:
            return name in self._cancelled or self._queue.stopping.is_set()

        try:
            with self._gate.enter(alone=job.attempt > 1, leave_queue=unwanted) as entered:
                if not entered or unwanted():
                    return self._job_lost(job, "The server stopped before the job began.", emit, excused=True)
                self.worker.run(_request(job), emit)
                self._back_off.succeeded()
        except WorkerLostError as error:
            self._worker_lost(error)
            return self._job_lost(job, str(error), emit, excused=error.excused or self._queue.stopping.is_set())
        except Exception as error:
            LOG.exception("Worker %s failed at job %s.", self.worker.name, name)
            if not ended.is_set():
                emit(_failed(name, error))
        else:
            if not ended.is_set():
                emit(_failed(name, RuntimeError("The worker ended the run without a result. Please report this.")))
        return False

    def _emitter(self, job: Job, ended: threading.Event) -> Callable[[AnyEvent], None]:
        """Takes the events of a run: times its nodes, notes its end, and hands them on."""
        name, watch = job.submission.id, Stopwatch()

        def emit(event: AnyEvent) -> None:
            watch.hear(event)
            if isinstance(event, TERMINAL):
                ended.set()
                timed = watch.read(name, event.time)
                if timed is not None:
                    self._queue.delivery.emit(name, job.epoch, timed)
            self._queue.delivery.emit(name, job.epoch, event)

        return emit

    def _worker_lost(self, error: WorkerLostError) -> None:
        if not self._queue.stopping.is_set():
            LOG.warning("Worker %s: %s", self.worker.name, error)
        if not error.excused:
            self._back_off.lost()
        with self._described:
            self._lost = error
            self._losses += 1
            self._described.notify_all()

    def _job_lost(self, job: Job, reason: str, emit: Callable[[AnyEvent], None], *, excused: bool) -> bool:
        """Requeues or fails a job whose worker is gone; one that was to stop is interrupted. Whether it is queued."""
        name = job.submission.id
        if name in self._cancelled:
            emit(Interrupted(job=name, time=_now()))
            return False
        self._queue.delivery.flush()
        while True:
            try:
                change = self._queue.journal.lost(name, job.epoch, reason, excused=excused)
                break
            except StorageError as error:
                LOG.error("Job %s cannot be put back: %s", name, error)
                if self._queue.stopping.wait(RETRY_SECONDS):
                    return False
        if change is not None:
            self._queue.delivery.written(change)
            self._queue.work_came()
        return change is not None and isinstance(change.event, Requeued)


def _request(job: Job) -> RunRequest:
    asked = job.submission
    return RunRequest(
        job=asked.id,
        graph=from_document(asked.document),
        targets=asked.targets,
        document=asked.document,
        extra=asked.extra,
        secrets=asked.secrets,
        preview_size=asked.preview_size,
        substitute=asked.substitute,
        owner=asked.owner,
    )


def _failed(job: str, error: BaseException, place: NodePlace | None = None) -> Failed:
    failure = Failure(
        place=place,
        node_type="",
        error_type=type(error).__qualname__,
        message=str(error),
        traceback=tuple(traceback.format_exception(error)),
    )
    return Failed(job=job, time=_now(), failure=failure)


def _now() -> int:
    return time.time_ns() // 1_000_000
