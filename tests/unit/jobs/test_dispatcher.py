"""The dispatcher over a real journal and a worker in this process whose jobs do what their document says."""

import threading
import time

import pytest

from limner.engine.events import (
    TERMINAL,
    Claimed,
    Interrupted,
    NodeOutput,
    NodePlace,
    NodeProgress,
    NodeStarted,
    Started,
    Succeeded,
)
from limner.graph.catalog import Catalog
from limner.graph.errors import StorageError, WorkerLostError
from limner.jobs.delivery import Delivery
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.journal import Change
from limner.jobs.records import JobState, Submission
from limner.jobs.sqlite_journal import SqliteJournal


class InlineWorker:
    """Runs jobs in the calling thread: ``do`` of node 1 says what."""

    name = "inline"

    def __init__(self):
        self.free = threading.Event()
        self.cancelled = set()
        self.released = []
        self.failures_to_start = 0

    def describe(self):
        if self.failures_to_start:
            self.failures_to_start -= 1
            raise WorkerLostError("it does not start")
        return Catalog(device={"name": "inline"})

    def run(self, request, emit):
        job, do = request.job, request.graph.nodes["1"].inputs["do"]
        emit(Started(job=job, time=1))
        emit(NodeStarted(job=job, time=1, place=NodePlace.of("1")))
        if do == "wait":
            while not self.free.wait(0.01):
                emit(NodeProgress(job=job, time=1, place=NodePlace.of("1"), value=1, total=2))
                if job in self.cancelled:
                    emit(Interrupted(job=job, time=2, place=NodePlace.of("1")))
                    return
        elif do == "lose":
            raise WorkerLostError("it is gone")
        elif do == "break":
            raise ZeroDivisionError("the worker has a fault")
        elif do == "forget":
            return
        elif do == "strange":
            emit(NodeOutput(job=job, time=1, place=NodePlace.of("1"), ui={"text": ["\ud800"]}))
        emit(Succeeded(job=job, time=2))

    def cancel(self, job):
        self.cancelled.add(job)

    def release(self, *, models=False, results=False):
        self.released.append((models, results))

    def status(self):
        return {"memory": 1}

    def close(self):
        self.free.set()


class House:
    """A dispatcher with everything that was heard of it."""

    def __init__(self, path, concurrency=2):
        self.journal, self.worker = SqliteJournal(path), InlineWorker()
        self.dispatcher = Dispatcher(self.journal, [self.worker], concurrency=concurrency)
        self.heard, self.in_history = [], {}
        self.changed = threading.Condition()
        self.dispatcher.listen(self.hear)

    def hear(self, job, event):
        if isinstance(event, TERMINAL):
            self.in_history[event.job] = self.journal.get(event.job)
        with self.changed:
            self.heard.append((job, event))
            self.changed.notify_all()

    def submit(self, name, do="nothing", **fields):
        document = {"1": {"class_type": "X", "inputs": {"do": do}}}
        return self.dispatcher.submit(Submission(id=name, document=document, targets=("1",), **fields))

    def names(self, job):
        return [type(event).__name__ for _, event in self.heard if event.job == job]

    def wait_for(self, job, kind):
        with self.changed:
            assert self.changed.wait_for(lambda: kind in self.names(job), 20), self.heard
            return next(known for known, event in self.heard if event.job == job and type(event).__name__ == kind)

    def close(self):
        self.dispatcher.stop(graceful=False)
        self.journal.close()


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "queue.db")
    yield house
    house.close()


def test_a_job_is_told_from_acceptance_to_its_end_in_order(house):
    house.dispatcher.start()
    assert house.submit("a").state is JobState.WAITING
    assert house.wait_for("a", "Succeeded").state is JobState.SUCCEEDED
    assert house.names("a") == ["Queued", "Claimed", "Started", "NodeStarted", "Timed", "Succeeded"]


def test_the_history_has_a_job_before_its_end_is_told(house):
    house.dispatcher.start()
    for index in range(20):
        house.submit(str(index))
    for index in range(20):
        house.wait_for(str(index), "Succeeded")
        assert house.in_history[str(index)].state is JobState.SUCCEEDED


def test_the_history_has_the_order_in_which_ends_are_told(tmp_path):
    """Though all of it is written at once, and the job that began last ends first."""
    journal, told = SqliteJournal(tmp_path / "queue.db"), []
    delivery = Delivery(journal)
    delivery.listen(lambda job, event: told.append(event.job) if isinstance(event, TERMINAL) else None)
    for name in "ab":
        journal.submit(Submission(id=name, document={}, targets=()))
    claimed = [journal.claim("w") for _ in "ab"]
    for job in claimed:
        name = job.submission.id
        delivery.written(Change(job, Claimed(job=name, time=1, worker="w", epoch=job.epoch, attempt=1)))
        delivery.emit(name, job.epoch, Started(job=name, time=2))
    for job in reversed(claimed):
        delivery.emit(job.submission.id, job.epoch, Succeeded(job=job.submission.id, time=3))
    delivery.start()
    delivery.stop()
    assert told == ["b", "a"]
    assert [job.submission.id for job in journal.history()] == told
    journal.close()


def test_listeners_never_see_secrets(house):
    house.dispatcher.start()
    house.submit("a", secrets={"key": "SECRET"})
    house.wait_for("a", "Succeeded")
    assert all(job.submission.secrets == {} for job, _ in house.heard)


def test_jobs_run_at_once_up_to_the_concurrency(house):
    house.dispatcher.start()
    for name in "abc":
        house.submit(name, "wait")
    house.wait_for("a", "NodeProgress")
    house.wait_for("b", "NodeProgress")
    assert "Claimed" not in house.names("c")
    assert house.dispatcher.counts().running == 2
    (status,) = house.dispatcher.status()
    assert sorted(status.pop("running")) == ["a", "b"]
    assert status == {"name": "inline", "up": True, "memory": 1}
    house.worker.free.set()
    house.wait_for("c", "Succeeded")


def test_cancel_stops_what_runs_and_interrupts_what_waits(house):
    house.dispatcher.start()
    for name in "abc":
        house.submit(name, "wait")
    house.wait_for("b", "NodeProgress")
    assert house.dispatcher.cancel("a")
    assert house.wait_for("a", "Interrupted").interrupted.place is not None
    house.submit("d", "wait")
    assert house.dispatcher.cancel("d")
    assert house.wait_for("d", "Interrupted").interrupted.place is None
    assert not house.dispatcher.cancel("d")
    assert not house.dispatcher.cancel("unknown")
    house.wait_for("c", "NodeProgress")
    assert house.dispatcher.cancel()
    for name in "bc":
        house.wait_for(name, "Interrupted")
    assert not house.dispatcher.cancel()


def test_a_job_cancelled_right_after_it_was_sent_always_ends(house):
    house.dispatcher.start()
    for index in range(20):
        house.submit(str(index), "wait")
        assert house.dispatcher.cancel(str(index))
    for index in range(20):
        house.wait_for(str(index), "Interrupted")


@pytest.mark.parametrize("name", ["a", None])
def test_a_job_between_the_queue_and_its_thread_can_be_stopped(house, monkeypatch, name):
    real, claimed, go_on = house.journal.claim, threading.Event(), threading.Event()

    def claim(worker):
        job = real(worker)
        if job is not None:
            claimed.set()
            go_on.wait(20)
        return job

    monkeypatch.setattr(house.journal, "claim", claim)
    house.dispatcher.start()
    house.submit("a", "wait")
    assert claimed.wait(20)
    threading.Timer(0.05, go_on.set).start()
    assert house.dispatcher.cancel(name)
    house.wait_for("a", "Interrupted")


@pytest.mark.parametrize("asked", ["before", "after"])
def test_a_job_can_be_stopped_on_its_way_back_to_the_queue(house, monkeypatch, asked):
    real, answers = house.journal.lost, []

    def lost(name, *lease, **more):
        if asked == "before":
            answers.append(house.dispatcher.cancel(name))
        change = real(name, *lease, **more)
        if asked == "after":
            answers.append(house.dispatcher.cancel(name))
        return change

    monkeypatch.setattr(house.journal, "lost", lost)
    house.dispatcher.start()
    house.submit("a", "lose")
    assert house.wait_for("a", "Interrupted").attempt == 1
    assert answers == [True]


def test_no_job_is_claimed_while_the_end_of_the_last_is_not_on_disk(tmp_path, monkeypatch):
    """A server that dies then has one unfinished job a thread, however slow its disk is."""
    house = House(tmp_path / "queue.db", concurrency=1)
    append, claim, order = house.journal.append_many, house.journal.claim, []

    def append_slowly(batches):
        time.sleep(0.02)
        kept = append(batches)
        order.extend(f"{batch.job} ended" for batch in batches if isinstance(batch.events[-1], TERMINAL))
        return kept

    def claim_noted(worker):
        job = claim(worker)
        if job is not None:
            order.append(f"{job.submission.id} claimed")
        return job

    monkeypatch.setattr(house.journal, "append_many", append_slowly)
    monkeypatch.setattr(house.journal, "claim", claim_noted)
    for name in "abcd":
        house.submit(name)
    house.dispatcher.start()
    house.wait_for("d", "Succeeded")
    house.close()
    assert order == [f"{name} {what}" for name in "abcd" for what in ("claimed", "ended")]


def test_removed_jobs_leave_no_trace(house):
    house.submit("a")
    house.submit("b")
    assert [job.submission.id for job in house.dispatcher.remove_waiting(["a"])] == ["a"]
    house.dispatcher.start()
    house.wait_for("b", "Succeeded")
    assert house.names("a") == ["Queued", "Interrupted"]
    assert [job.submission.id for job in house.journal.history()] == ["b"]


def test_faults_of_a_worker_fail_the_job_with_words(house):
    house.dispatcher.start()
    house.submit("a", "break")
    house.submit("b", "forget")
    assert house.wait_for("a", "Failed").failure.error_type == "ZeroDivisionError"
    assert "without a result" in house.wait_for("b", "Failed").failure.message
    house.submit("c")
    house.wait_for("c", "Succeeded")


def test_events_that_cannot_be_written_fail_their_job_and_nobody_else(house):
    """They used to end the thread that delivers, and with it every job."""
    house.dispatcher.start()
    house.submit("a", "strange")
    house.submit("b")
    assert "cannot be kept" in house.wait_for("a", "Failed").failure.message
    assert house.journal.get("a").state is JobState.FAILED
    house.wait_for("b", "Succeeded")
    house.submit("c")
    house.wait_for("c", "Succeeded")


def test_a_job_whose_end_is_on_its_way_is_not_given_back_at_the_stop(tmp_path, monkeypatch):
    house = House(tmp_path / "queue.db", concurrency=1)
    house.dispatcher.start()
    lane, delivery = house.dispatcher._lanes[0], house.dispatcher.delivery
    house.submit("a")
    house.wait_for("a", "Claimed")
    house.wait_for("a", "Succeeded")
    house.submit("b", "wait")
    house.wait_for("b", "NodeProgress")
    job = house.journal.get("b")
    delivery.emit("b", job.epoch, Succeeded(job="b", time=3))  # said, but the lane still counts the job as its own
    monkeypatch.setattr(lane, "running", lambda: [job])
    house.close()
    again = SqliteJournal(tmp_path / "queue.db")
    assert again.get("b").state is JobState.SUCCEEDED
    again.close()


def test_a_worker_that_does_not_start_at_first_costs_no_job_an_attempt(house):
    house.worker.failures_to_start = 3
    house.submit("a")
    house.dispatcher.start()
    assert house.wait_for("a", "Succeeded").attempt == 1
    assert house.dispatcher.catalog().device == {"name": "inline"}


def test_the_catalog_of_a_worker_that_does_not_start_is_an_error(house):
    house.worker.failures_to_start = 1000
    house.dispatcher.start()
    with pytest.raises(WorkerLostError, match="does not start"):
        house.dispatcher.catalog()


def test_a_listener_that_fails_or_left_disturbs_nobody(house):
    def fail(job, event):
        raise RuntimeError("a listener's fault")

    left = []
    house.dispatcher.listen(fail)
    house.dispatcher.listen(lambda job, event: left.append(event))()
    house.dispatcher.start()
    house.submit("a")
    house.wait_for("a", "Succeeded")
    assert left == []


def test_stopping_lets_running_jobs_finish_and_leaves_the_rest(tmp_path):
    house = House(tmp_path / "queue.db", concurrency=1)
    house.dispatcher.start()
    house.submit("a", "wait")
    house.submit("b")
    house.wait_for("a", "NodeProgress")
    timer = threading.Timer(0.2, house.worker.free.set)
    timer.start()
    house.dispatcher.stop(graceful=True)
    timer.join()
    assert house.journal.get("a").state is JobState.SUCCEEDED
    assert house.journal.get("b").state is JobState.WAITING
    house.journal.close()


def test_a_failing_disk_holds_events_back_until_it_recovers(house, monkeypatch):
    real, full = house.journal.append_many, threading.Event()
    full.set()

    def append_many(batches):
        if full.is_set():
            raise StorageError("the disk is full")
        return real(batches)

    monkeypatch.setattr(house.journal, "append_many", append_many)
    monkeypatch.setattr("limner.jobs.delivery.RETRY_SECONDS", 0.05)
    house.dispatcher.start()
    house.submit("a")
    while house.journal.get("a").state is not JobState.RUNNING:
        time.sleep(0.01)
    time.sleep(0.2)
    assert "Succeeded" not in house.names("a")
    full.clear()
    assert house.wait_for("a", "Succeeded").state is JobState.SUCCEEDED


def test_memory_is_released_everywhere(house):
    house.dispatcher.release(models=True)
    assert house.worker.released == [(True, False)]
