"""A worker in a process of its own, against a real child that runs no tensors."""

import logging
import sys
import threading
import time
from pathlib import Path

import pytest

from limner.backends.process import Patience, ProcessWorker
from limner.engine.events import TERMINAL, Failed, Interrupted, NodeOutput, Succeeded
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document
from limner.graph.errors import WorkerLostError

ENTRY = Path(__file__).parents[2] / "faults" / "scripted_entry.py"


@pytest.fixture
def worker():
    patience = Patience(silence=3.0, cancel=0.5)
    worker = ProcessWorker("test", [sys.executable, str(ENTRY)], patience=patience)
    yield worker
    worker.close()


def request(job, *actions, **fields):
    document = {
        str(index): {"class_type": f"Type{index}", "inputs": {"do": do, **inputs}}
        for index, (do, inputs) in enumerate(actions, 1)
    }
    return RunRequest(job=job, graph=from_document(document), targets=("1",), document=document, **fields)


def run(worker, asked):
    events = []
    worker.run(asked, events.append)
    return events


class Running:
    """A run in a thread of its own."""

    def __init__(self, worker, asked):
        self.events, self.error = [], None
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(worker, asked))
        self.thread.start()
        assert self.begun.wait(20)

    def _run(self, worker, asked):
        def emit(event):
            self.events.append(event)
            if type(event).__name__ == "NodeStarted":
                self.begun.set()

        try:
            worker.run(asked, emit)
        except WorkerLostError as error:
            self.error = error
        self.begun.set()

    def wait(self):
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_events_come_in_order_and_the_terminal_one_last(worker):
    events = run(worker, request("a", ("nothing", {}), ("nothing", {})))
    names = [type(event).__name__ for event in events]
    node = ["NodeStarted", "NodeOutput", "NodeFinished"]
    assert names == ["Started", "Recalled", *node, *node, "Succeeded"]
    assert all(event.job == "a" for event in events)


def test_catalog_and_status_come_from_the_child(worker):
    assert worker.describe().device == {"name": "script"}
    assert worker.describe() is worker.describe()
    status = worker.status()
    assert status["pid"] > 0
    assert status["cancelled"] == []


def test_status_does_not_start_the_child(worker):
    with pytest.raises(WorkerLostError, match="has not been started"):
        worker.status()


def test_secrets_reach_the_node(worker):
    events = run(worker, request("a", ("keys", {}), secrets={"api_key": "s"}))
    assert [event.ui for event in events if isinstance(event, NodeOutput)] == [{"secrets": ["api_key"]}]


def test_several_jobs_run_at_once(worker):
    runs = [Running(worker, request(str(index), ("wait", {"seconds": 60}))) for index in range(4)]
    assert not any(isinstance(one.events[-1], TERMINAL) for one in runs)  # all have begun, and none has ended
    for index, one in enumerate(runs):
        worker.cancel(str(index))
        one.wait()
    assert all(isinstance(one.events[-1], Interrupted) for one in runs)


def test_cancel_interrupts(worker):
    running = Running(worker, request("a", ("wait", {"seconds": 20})))
    worker.cancel("unknown")
    worker.cancel("a")
    running.wait()
    assert isinstance(running.events[-1], Interrupted)
    assert isinstance(run(worker, request("b", ("nothing", {})))[-1], Succeeded)


def test_a_job_that_does_not_stop_costs_the_child_but_no_blame(worker):
    neighbour = Running(worker, request("b", ("wait", {"seconds": 20})))
    stuck = Running(worker, request("a", ("nothing", {}), ("stuck", {"seconds": 20})))
    while not any(type(event).__name__ == "NodeFinished" for event in stuck.events):
        time.sleep(0.01)
    worker.cancel("a")
    stuck.wait()
    neighbour.wait()
    assert isinstance(stuck.events[-1], Interrupted)
    assert stuck.events[-1].executed == ("1",)
    assert neighbour.error is not None
    assert neighbour.error.excused
    assert isinstance(run(worker, request("c", ("nothing", {})))[-1], Succeeded)


def test_a_killed_child_is_named_with_its_node_and_last_words(worker):
    with pytest.raises(WorkerLostError, match=r"SIGKILL.*node 1 \(Type1\)(.|\n)*about to die") as lost:
        run(worker, request("a", ("kill", {})))
    assert not lost.value.excused
    assert isinstance(run(worker, request("b", ("nothing", {})))[-1], Succeeded)


def test_an_exit_is_named_with_its_code(worker):
    with pytest.raises(WorkerLostError, match="exit code 3"):
        run(worker, request("a", ("leave", {})))


def test_a_silent_child_is_ended():
    worker = ProcessWorker("test", [sys.executable, str(ENTRY)], patience=Patience(silence=1.5))
    try:
        with pytest.raises(WorkerLostError, match=r"said nothing for 1\.5 s"):
            run(worker, request("a", ("freeze", {})))
    finally:
        worker.close()


def test_a_node_that_ends_the_thread_fails_only_its_job(worker):
    worker.describe()
    before = worker.status()["pid"]
    (terminal,) = [event for event in run(worker, request("a", ("break_worker", {}))) if isinstance(event, TERMINAL)]
    assert isinstance(terminal, Failed)
    assert terminal.failure.error_type == "SystemExit"
    assert worker.status()["pid"] == before


def test_a_result_that_cannot_be_sent_fails_the_job_with_the_reason(worker):
    events = run(worker, request("a", ("strange", {})))
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert "NodeOutput holds a value that cannot be sent" in failed.failure.message


def test_a_child_that_does_not_come_up_says_why():
    worker = ProcessWorker("test", [sys.executable, str(ENTRY), "--broken"])
    with pytest.raises(WorkerLostError, match=r"exit code 1(.|\n)*a library is missing"):
        worker.describe()
    worker.close()


def test_a_program_that_is_not_there():
    worker = ProcessWorker("test", ["/nowhere/python"])
    with pytest.raises(WorkerLostError, match="cannot be started"):
        worker.describe()
    worker.close()


def test_release_and_output_reach_the_other_side(worker, caplog):
    worker.describe()
    with caplog.at_level(logging.INFO):
        worker.release(models=True)
        deadline = time.monotonic() + 10
        while "release models=True results=False" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.02)
    assert "release models=True results=False" in caplog.text


def test_closing_gives_jobs_back_without_blame():
    worker = ProcessWorker("test", [sys.executable, str(ENTRY)])
    running = Running(worker, request("a", ("wait", {"seconds": 30})))
    worker.close()
    running.wait()
    assert running.error is not None
    assert running.error.excused
    with pytest.raises(WorkerLostError, match="was closed"):
        worker.describe()


def test_closing_does_not_interrupt_what_nobody_asked_to_stop(worker):
    """The child stops its jobs when it closes; they must come back to the queue, not end as interrupted."""
    running = Running(worker, request("a", ("wait", {"seconds": 30})))
    worker.close()
    running.wait()
    assert not any(isinstance(event, TERMINAL) for event in running.events)
    assert running.error is not None
    assert running.error.excused
