"""kill -9 of the worker: the job is retried; twice: it fails with the reason; its neighbours pay nothing."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from limner.backends.process import Patience, ProcessWorker
from limner.engine.events import TERMINAL, Interrupted, NodeProgress, NodeStarted, Requeued
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.records import JobState, Submission
from limner.jobs.sqlite_journal import SqliteJournal

ENTRY = Path(__file__).with_name("scripted_entry.py")


class Server:
    """A dispatcher with what its listeners heard."""

    def __init__(self, path):
        self.journal = SqliteJournal(path)
        self.worker = ProcessWorker("w", [sys.executable, str(ENTRY)], patience=Patience(cancel=0.5))
        self.dispatcher = Dispatcher(self.journal, [self.worker], concurrency=4)
        self.heard = []
        self.changed = threading.Condition()
        self.dispatcher.listen(self.hear)
        self.dispatcher.start()

    def hear(self, job, event):
        with self.changed:
            self.heard.append((job, event))
            self.changed.notify_all()

    def submit(self, name, do, **inputs):
        document = {"7": {"class_type": "Step", "inputs": {"do": do, **inputs}}}
        self.dispatcher.submit(Submission(id=name, document=document, targets=("7",)))

    def wait_for(self, name, kind, count=1):
        """The job as it was told with its ``count``-th event of a kind."""

        def found():
            return [job for job, event in self.heard if event.job == name and isinstance(event, kind)]

        with self.changed:
            assert self.changed.wait_for(lambda: len(found()) >= count, 90), (name, self.heard)
            return found()[count - 1]

    def stop(self):
        self.dispatcher.stop(graceful=False)
        self.journal.close()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "queue.db")
    yield server
    server.stop()


def test_a_job_whose_worker_is_killed_once_is_retried_and_finishes(server, tmp_path):
    log = tmp_path / "runs.log"
    server.submit("a", "wait", seconds=1.0, log=str(log))
    server.wait_for("a", NodeProgress)
    os.kill(server.worker.status()["pid"], signal.SIGKILL)
    job = server.wait_for("a", TERMINAL)
    assert job.state is JobState.SUCCEEDED
    assert job.attempt == 2
    assert log.read_text().split() == ["a", "a"]
    assert "SIGKILL" in next(event.reason for _, event in server.heard if isinstance(event, Requeued))
    assert server.journal.history() == [server.journal.get("a")]


def test_a_job_that_kills_its_worker_twice_fails_with_the_reason(server):
    server.submit("a", "kill")
    job = server.wait_for("a", TERMINAL)
    assert job.state is JobState.FAILED
    assert job.failure.error_type == "WorkerLostError"
    assert "SIGKILL" in job.failure.message
    assert "node 7 (Step)" in job.failure.message
    assert "about to die" in job.failure.message
    server.submit("b", "nothing")
    assert server.wait_for("b", TERMINAL).state is JobState.SUCCEEDED


def test_neighbours_of_a_deadly_job_all_finish(server):
    for index in range(3):
        server.submit(f"good-{index}", "wait", seconds=0.4)
    server.submit("bad", "kill", seconds=0.2)
    for index in range(3, 6):
        server.submit(f"good-{index}", "wait", seconds=0.4)
    assert server.wait_for("bad", TERMINAL).state is JobState.FAILED
    for index in range(6):
        assert server.wait_for(f"good-{index}", TERMINAL).state is JobState.SUCCEEDED


def test_a_stuck_job_is_interrupted_and_its_neighbour_runs_again(server):
    server.submit("stuck", "stuck", seconds=60)
    server.submit("good", "wait", seconds=1.0)
    server.wait_for("stuck", NodeStarted)
    server.wait_for("good", NodeStarted)
    assert server.dispatcher.cancel("stuck")
    assert server.wait_for("stuck", TERMINAL).interrupted.place.node == "7"
    job = server.wait_for("good", TERMINAL)
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 1)


def test_cancelling_everything_that_runs_leaves_what_waits(server):
    for index in range(5):
        server.submit(str(index), "wait", seconds=30 if index < 4 else 0)
    for index in range(4):
        server.wait_for(str(index), NodeStarted)
    assert server.dispatcher.cancel()
    for index in range(4):
        server.wait_for(str(index), Interrupted)
    assert server.wait_for("4", TERMINAL).state is JobState.SUCCEEDED


def test_a_server_that_stops_puts_running_jobs_back_without_blame(tmp_path):
    server = Server(tmp_path / "queue.db")
    server.submit("a", "wait", seconds=60)
    server.wait_for("a", NodeStarted)
    server.stop()
    journal = SqliteJournal(tmp_path / "queue.db")
    assert [job.submission.id for job in journal.waiting()] == ["a"]
    assert journal.claim("w").attempt == 1
    journal.close()
