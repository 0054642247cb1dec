"""Several runs at once: equal steps run once, and nobody waits for somebody who gave up."""

import threading
from typing import Annotated, Any

import pytest

from limner.engine.cancellation import Cancellation
from limner.engine.events import Interrupted
from limner.graph.declare import NodeResult, Socket
from limner.graph.graph import Graph, Link

ANYTHING = Annotated[Any, Socket("*")]
SOON = 20.0


class Side:
    """A run in a thread of its own."""

    def __init__(self, lab, graph, name):
        self.cancellation = Cancellation()
        self.thread = threading.Thread(target=self._run, args=(lab, graph, name), daemon=True)
        self.trace = None

    def _run(self, lab, graph, name):
        self.trace = lab.run(graph, job=name, cancellation=self.cancellation)

    def start(self):
        self.thread.start()
        return self

    def result(self):
        self.thread.join(SOON)
        assert not self.thread.is_alive(), "the run hangs"
        return self.trace


@pytest.fixture
def gate(lab):
    """A node that says when it was entered and goes on when it is let; ``fails`` makes its first call fail."""

    class Gate:
        """Attributes only."""

    @lab.define()
    def slow(*, value: int) -> int:
        lab.calls["slow"] += 1
        first = lab.calls["slow"] == 1
        Gate.entered.release()
        assert Gate.go.wait(SOON)
        if first and Gate.fails:
            raise ValueError("first one fails")
        return value

    Gate.entered, Gate.go, Gate.fails = threading.Semaphore(0), threading.Event(), False
    return Gate


def slow_graph(make):
    return {"1": make("slow", value=5), "2": make("add", a="@1", b=1), "3": make("show", value="@2")}


def wait_until_somebody_waits(lab):
    """Until a run is registered as waiting for another one's step."""
    deadline = threading.Event()
    for _ in range(2000):
        if any(flight.waiting for flight in list(lab.engine._flights._flights.values())):
            return
        deadline.wait(0.005)
    raise AssertionError("nobody waits")


def test_equal_steps_of_concurrent_runs_are_called_once(lab, make, gate):
    sides = [Side(lab, slow_graph(make), "a").start()]
    assert gate.entered.acquire(timeout=SOON)
    sides.append(Side(lab, slow_graph(make), "b").start())
    wait_until_somebody_waits(lab)
    gate.go.set()
    first, second = (side.result() for side in sides)
    assert first.shown == second.shown == {"3": [6]}
    assert lab.calls["slow"] == 1
    assert "1" in first.started and "1" not in second.started
    assert "1" in second.finished


def test_a_waiter_computes_when_the_owner_fails(lab, make, gate):
    gate.fails = True
    first = Side(lab, slow_graph(make), "a").start()
    assert gate.entered.acquire(timeout=SOON)
    second = Side(lab, slow_graph(make), "b").start()
    wait_until_somebody_waits(lab)
    gate.go.set()
    assert first.result().failure.message == "first one fails"
    assert second.result().shown == {"3": [6]}
    assert lab.calls["slow"] == 2


def test_a_waiter_computes_when_the_owner_is_interrupted(lab, make):
    entered, go = threading.Event(), threading.Event()
    owner_stops = {"a": None}

    @lab.define()
    def slow(*, value: int) -> int:
        lab.calls["slow"] += 1
        if lab.calls["slow"] == 1:
            entered.set()
            assert go.wait(SOON)
            owner_stops["a"].cancellation.check()
        return value

    first = owner_stops["a"] = Side(lab, slow_graph(make), "a").start()
    assert entered.wait(SOON)
    second = Side(lab, slow_graph(make), "b").start()
    wait_until_somebody_waits(lab)
    first.cancellation.cancel()
    go.set()
    assert isinstance(first.result()[-1], Interrupted)
    assert second.result().shown == {"3": [6]}


def test_a_waiter_notices_that_it_is_cancelled(lab, make, gate):
    first = Side(lab, slow_graph(make), "a").start()
    assert gate.entered.acquire(timeout=SOON)
    second = Side(lab, slow_graph(make), "b").start()
    wait_until_somebody_waits(lab)
    second.cancellation.cancel()
    end = second.result()[-1]
    assert isinstance(end, Interrupted) and end.place.node == "1"
    gate.go.set()
    assert first.result().succeeded


def test_a_waiting_run_does_its_other_work(lab, make, gate):
    done = threading.Event()

    @lab.define(output=True)
    def tell(*, value: int) -> None:
        done.set()

    first = Side(lab, slow_graph(make), "a").start()
    assert gate.entered.acquire(timeout=SOON)
    second = Side(lab, {**slow_graph(make), "x": make("add", a=40), "y": make("tell", value="@x")}, "b").start()
    wait_until_somebody_waits(lab)
    assert done.wait(SOON), "the run waits for the other one though it has work of its own"
    gate.go.set()
    assert second.result().shown == {"3": [6]}
    assert first.result().succeeded


def test_expansions_of_two_runs_are_shared(lab, make, gate):
    @lab.define()
    def outer() -> ANYTHING:
        lab.calls["outer"] += 1
        return NodeResult(values=(Link("in", 0),), expand=Graph({"in": make("slow", value=5)}))

    graph = {"1": make("outer"), "2": make("show", value="@1")}
    first = Side(lab, graph, "a").start()
    assert gate.entered.acquire(timeout=SOON)
    second = Side(lab, {**graph, "3": make("slow", value=5), "4": make("show", value="@3")}, "b").start()
    wait_until_somebody_waits(lab)
    gate.go.set()
    assert first.result().shown == {"2": [5]}
    assert second.result().shown == {"2": [5], "4": [5]}
    assert lab.calls == {"outer": 1, "slow": 1}


def test_many_runs_of_overlapping_graphs(lab, make):
    @lab.define()
    def counted(*, a: int) -> int:
        lab.calls[a] += 1
        return a + 1

    def chain(length):
        graph = {"0": make("counted", a=0)}
        graph |= {str(index): make("counted", a=f"@{index - 1}") for index in range(1, length)}
        return {**graph, "end": make("show", value=f"@{length - 1}")}

    lab.engine
    lengths = [50, 80, 80, 120, 33, 120, 64, 100]
    sides = [Side(lab, chain(length), str(index)).start() for index, length in enumerate(lengths)]
    for side, length in zip(sides, lengths, strict=True):
        assert side.result().shown == {"end": [length]}
    assert set(lab.calls.values()) == {1}
