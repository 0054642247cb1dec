"""The dispatcher: takes jobs in, hands them to workers, tells what happens.

It decides nothing about a job's state (the journal does) and knows nothing of how a job runs (the worker does). All
its methods may be called from any thread and may wait for the disk; an event loop calls them in a thread.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from limner.engine.events import Interrupted, Queued
from limner.engine.run import Worker
from limner.graph.catalog import Catalog
from limner.graph.errors import StorageError, WorkerLostError
from limner.jobs.delivery import Delivery, Listener
from limner.jobs.journal import Change, Counts, Journal
from limner.jobs.lane import Lane
from limner.jobs.records import FINAL, Job, JobState, Submission

HEARTBEAT_SECONDS = 5.0
REMIND_SECONDS = 0.25
PASSAGE_SECONDS = 10.0
"""The longest that a job may be between queue and lane; it is a moment, unless the machine is overloaded."""


class Dispatcher:
    """Runs the jobs of a journal on workers.

    Args:
        journal: Where jobs are kept. The dispatcher is its only user that claims and appends.
        workers: Where jobs run; they are closed by ``stop``.
        concurrency: Jobs that run at once on each worker.
    """

    def __init__(self, journal: Journal, workers: Sequence[Worker], *, concurrency: int = 4) -> None:
        self.journal = journal
        self.delivery = Delivery(journal)
        self.stopping = threading.Event()
        self._work = threading.Condition()
        self._news = 0
        self._announcing: dict[str, threading.Event] = {}
        self._threads = concurrency * len(workers)
        self._lanes = [Lane(worker, concurrency, self) for worker in workers]
        self._keeper = threading.Thread(target=self._keep, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Puts back what a dead server left running, and goes on with what waits.

        Raises:
            StorageError: if the journal cannot be written.
        """
        self.delivery.start()
        for change in self.journal.recover("The server stopped while the job ran."):
            self.delivery.written(change)
        self._keeper.start()
        for lane in self._lanes:
            lane.start()

    def stop(self, graceful: bool = True, seconds: float = 30.0) -> None:
        """Ends all threads and closes the workers; no job is lost.

        Args:
            graceful: Jobs that run may finish first; else they go back to the queue at once.
            seconds: How long to wait for them; then they go back to the queue too.
        """
        self.stopping.set()
        self.work_came()
        if graceful:
            self._join(seconds)
        for lane in self._lanes:
            lane.worker.close()
        self._join(2.0)
        self.delivery.stop()  # First: a job whose end is still on its way to the disk must not run again.
        for job in [job for lane in self._lanes for job in lane.running()]:
            self.journal.lost(job.submission.id, job.epoch, "The server stopped while the job ran.", excused=True)
        if self._keeper.is_alive():
            self._keeper.join(REMIND_SECONDS * 4)

    def submit(self, submission: Submission) -> Job:
        """Accepts a job; it is on disk when this returns, and listeners hear Queued.

        Raises:
            StorageError: if it could not be written; the job is then not accepted.
            DocumentError: if it holds values that JSON cannot express.
        """
        announced = self._announcing.setdefault(submission.id, threading.Event())
        try:
            job = self.journal.submit(submission)
            if job.state is JobState.WAITING:
                self.delivery.written(Change(job, Queued(job=submission.id, time=job.submission.created)))
        finally:
            self._announcing.pop(submission.id, None)
            announced.set()
        self.work_came()
        return job

    def cancel(self, job_id: str | None = None, owner: str | None = None) -> bool:
        """Stops a job that runs or waits; None: everything of an owner, or of all, that runs. False: nothing was there.

        A waiting job ends as Interrupted in the history; ``remove_waiting`` takes it out without a trace.
        """
        if job_id is not None:
            return self._cancel(job_id)
        running = [job.submission.id for job in self.journal.running(owner)]
        elsewhere = [name for name in running if not self._cancel_running(name)]
        stopped = [self._cancel(name) for name in elsewhere]
        return len(elsewhere) < len(running) or any(stopped)

    def remove_waiting(self, ids: Iterable[str] | None = None, owner: str | None = None) -> list[Job]:
        """Takes jobs out of the queue (None: all); they do not enter the history. Listeners hear Interrupted.

        With an owner, jobs of others stay.
        """
        removed = self.journal.remove_waiting(ids, owner)
        for job in removed:
            self.delivery.written(Change(job, Interrupted(job=job.submission.id, time=job.ended)))
        return removed

    def listen(self, callback: Listener) -> Callable[[], None]:
        """Calls ``callback(job, event)`` for every event, in order; the result ends that.

        Kept events are on disk by then, and a finished job is in the history. The call comes from the dispatcher's
        thread and holds up all others: hand over and return.
        """
        return self.delivery.listen(callback)

    def counts(self, owner: str | None = None) -> Counts:
        """How many jobs, of one owner or of all, stand where."""
        return self.journal.counts(owner)

    def catalog(self) -> Catalog:
        """What the workers can do. Cost: blocks until they have started, the first time.

        Raises:
            WorkerLostError: if one cannot be started; it is tried again meanwhile.
        """
        described = [lane.catalog() for lane in self._lanes]
        nodes = {name: node for catalog in reversed(described) for name, node in catalog.nodes.items()}
        first = described[0] if described else Catalog()
        return msgspec.structs.replace(first, nodes=nodes)

    def restart(self, seconds: float = 600.0) -> None:
        """Starts the workers anew, with the node packs that are there now; returns when they are up. No job is lost.

        Args:
            seconds: How long jobs that run may take to finish; then they go back to the queue. New ones wait meanwhile.

        Raises:
            WorkerLostError: if a worker does not come up; it is tried again meanwhile.
        """
        for lane in self._lanes:
            lane.restart(seconds)

    def release(self, *, models: bool = False, results: bool = False) -> None:
        """Has all workers give back memory."""
        for lane in self._lanes:
            try:
                lane.worker.release(models=models, results=results)
            except WorkerLostError:
                continue  # it holds nothing any more

    def status(self) -> list[Mapping[str, Any]]:
        """Each worker: ``name``, ``running`` (job ids), ``up``, and what the worker says of itself."""
        return [_status(lane) for lane in self._lanes]

    def wait_for_work(self, seconds: float) -> None:
        """Returns when a job may have come since the last call, or after so many seconds."""
        with self._work:
            self._work.wait_for(lambda: self._news > 0 or self.stopping.is_set(), seconds)
            self._news = max(0, self._news - 1)

    def announced(self, job_id: str) -> None:
        """Waits until listeners know that the job was accepted, so that they hear of it in order."""
        pending = self._announcing.get(job_id)
        if pending is not None:
            pending.wait(5.0)

    def work_came(self) -> None:
        """Wakes a lane that waits for work."""
        with self._work:
            self._news = min(self._news + 1, self._threads)  # each thread need look only once
            if self.stopping.is_set():
                self._work.notify_all()
            else:
                self._work.notify()

    def _cancel_running(self, job_id: str) -> bool:
        return any(lane.cancel(job_id) for lane in self._lanes)

    def _cancel(self, job_id: str) -> bool:
        """Finds the job between queue and lanes: for a moment after its claim, or when it goes back, it is in none."""
        deadline = time.monotonic() + PASSAGE_SECONDS
        while not self._cancel_running(job_id):
            change = self.journal.interrupt_waiting(job_id)
            if change is not None:
                self.delivery.written(change)
                return True
            job = self.journal.get(job_id)
            if job is None or job.state in FINAL or time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for lane in self._lanes:
            lane.join(deadline)

    def _keep(self) -> None:
        """Says that workers are alive, and reminds them of jobs that are to stop."""
        beat = time.monotonic()
        while not self.stopping.wait(REMIND_SECONDS):
            for lane in self._lanes:
                lane.remind()
            if time.monotonic() - beat > HEARTBEAT_SECONDS:
                beat = time.monotonic()
                self._beat()

    def _beat(self) -> None:
        # A beat that cannot be written is missed, not more: writers of jobs report a full disk.
        with contextlib.suppress(StorageError):
            for lane in self._lanes:
                if lane.running():
                    self.journal.heartbeat(lane.worker.name)


def _status(lane: Lane) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"name": lane.worker.name, "running": [job.submission.id for job in lane.running()]}
    try:
        return facts | {"up": True} | dict(lane.worker.status())
    except WorkerLostError as error:
        return facts | {"up": False, "reason": str(error)}
