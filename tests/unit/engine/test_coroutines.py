"""Coroutine nodes run beside others (contract 4.7)."""

import asyncio
import threading
from typing import Annotated, Any

import pytest

from limner.engine.cancellation import Cancellation
from limner.engine.events import Interrupted
from limner.graph.declare import NodeResult, Socket
from limner.graph.errors import InterruptedRun
from limner.graph.graph import Graph, Link

ANYTHING = Annotated[Any, Socket("*")]


@pytest.fixture(autouse=True)
def nodes(lab):
    meeting = {"here": 0, "gate": None}

    @lab.define()
    async def later(*, value: ANYTHING) -> ANYTHING:
        await asyncio.sleep(0)
        return value

    @lab.define()
    async def meet(*, who: int, party: int) -> int:
        """Returns only when ``party`` of them run at once."""
        if meeting["gate"] is None:
            meeting["gate"] = asyncio.Event()
        meeting["here"] += 1
        if meeting["here"] == party:
            meeting["gate"].set()
        await meeting["gate"].wait()
        return who

    @lab.define()
    async def forever(*, value: int) -> int:
        lab.calls["forever"] += 1
        try:
            await asyncio.Event().wait()
        finally:
            lab.calls["stopped"] += 1
        return value


def test_result_of_a_coroutine(lab, make):
    graph = {"1": make("later", value=4), "2": make("show", value="@1")}
    trace = lab.run(graph)
    assert trace.shown == {"2": [4]}
    # Announced once: not again when it completes.
    assert trace.started == ["1", "2"]
    assert lab.run(graph).recalled == ("1", "2")


def test_coroutines_run_at_once(lab, make):
    graph = {str(index): make("meet", who=index, party=5) for index in range(5)}
    graph |= {f"s{index}": make("show", value=f"@{index}") for index in range(5)}
    assert lab.run(graph).shown == {f"s{index}": [index] for index in range(5)}


def test_calls_of_one_node_run_at_once(lab, make):
    graph = {"1": make("spread", count=4), "2": make("meet", who="@1", party=4), "3": make("show", value="@2")}
    assert lab.run(graph).shown == {"3": [0, 1, 2, 3]}


def test_coroutines_inside_an_expansion_run_at_once(lab, make):
    @lab.define()
    def party() -> tuple[int, int]:
        inner = {"a": make("meet", who=1, party=2), "b": make("meet", who=2, party=2)}
        return NodeResult(values=(Link("a", 0), Link("b", 0)), expand=Graph(inner))

    graph = {"1": make("party"), "2": make("show", value="@1"), "3": make("show", value="@1:1")}
    assert lab.run(graph).shown == {"2": [1], "3": [2]}


def test_a_coroutine_may_expand(lab, make):
    @lab.define()
    async def growing() -> ANYTHING:
        return NodeResult(values=(Link("a", 0),), expand=Graph({"a": make("later", value=3)}))

    assert lab.run({"1": make("growing"), "2": make("show", value="@1")}).shown == {"2": [3]}


def test_others_go_on_meanwhile(lab, make):
    opened = threading.Event()

    @lab.define()
    async def waiting() -> int:
        while not opened.is_set():
            await asyncio.sleep(0.001)
        return 1

    @lab.define(output=True)
    def opening(*, value: int) -> None:
        opened.set()

    graph = {
        "1": make("waiting"),
        "2": make("show", value="@1"),
        "3": make("add", a=1, b=1),
        "4": make("opening", value="@3"),
    }
    assert lab.run(graph).finished == ["3", "4", "1", "2"]


def test_equal_coroutines_in_one_graph_run_once(lab, make):
    @lab.define()
    async def counted() -> int:
        lab.calls["counted"] += 1
        await asyncio.sleep(0.01)
        return 1

    graph = {
        "1": make("counted"),
        "2": make("counted"),
        "3": make("add", a="@1", b="@2"),
        "4": make("show", value="@3"),
    }
    assert lab.run(graph).shown == {"4": [2]}
    assert lab.calls["counted"] == 1


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt, RecursionError, MemoryError])
def test_a_failing_coroutine_fails_the_run_and_nothing_else(lab, make, kind):
    @lab.define()
    async def failing(*, value: int) -> int:
        await asyncio.sleep(0)
        raise kind("async boom")

    failure = lab.run({"1": make("failing", value=3), "2": make("show", value="@1")}).failure
    assert failure.error_type == kind.__name__ and failure.place.node == "1"
    assert "async boom" in failure.message and failure.inputs == {"value": [3]}
    assert lab.run({"1": make("later", value=4), "2": make("show", value="@1")}).shown == {"2": [4]}


def test_wrong_arguments_fail_the_step(lab, make):
    failure = lab.run({"1": make("later"), "2": make("show", value="@1")}).failure
    assert failure.error_type == "TypeError" and failure.place.node == "1"


def test_a_failure_beside_it_stops_a_coroutine(lab, make):
    @lab.define()
    def failing(*, a: int) -> int:
        raise ValueError("sync boom")

    graph = {
        "1": make("forever", value=1),
        "2": make("show", value="@1"),
        "3": make("failing", a=1),
        "4": make("show", value="@3"),
    }
    assert lab.run(graph).failure.place.node == "3"
    lab.engine.backend.close()
    assert lab.calls["stopped"] == lab.calls["forever"]


def test_one_failing_call_stops_its_siblings(lab, make):
    @lab.define()
    async def uneven(*, value: int) -> int:
        if value:
            raise ValueError("second")
        await asyncio.Event().wait()
        return value

    graph = {"1": make("spread", count=2), "2": make("uneven", value="@1"), "3": make("show", value="@2")}
    assert lab.run(graph).failure.message == "second"


def test_cancelling_wakes_a_run_that_waits(lab, make):
    cancellation = Cancellation()
    graph = {"1": make("forever", value=1), "2": make("show", value="@1")}
    timer = threading.Timer(0.05, cancellation.cancel)
    timer.start()
    trace = lab.run(graph, cancellation=cancellation)
    timer.join()
    assert isinstance(trace[-1], Interrupted)
    assert trace[-1].place.node == "1" and trace[-1].node_type == "forever"
    lab.engine.backend.close()
    assert lab.calls["stopped"] == 1


def test_a_coroutine_may_interrupt(lab, make):
    @lab.define()
    async def stopping() -> int:
        raise InterruptedRun("enough")

    assert isinstance(lab.run({"1": make("stopping"), "2": make("show", value="@1")})[-1], Interrupted)


def test_fingerprint_may_be_a_coroutine(lab, make):
    async def stamp():
        await asyncio.sleep(0)
        return "v1"

    @lab.define(fingerprint=stamp)
    def stamped() -> int:
        return 1

    graph = {"1": make("stamped"), "2": make("show", value="@1")}
    lab.run(graph)
    assert lab.run(graph).recalled == ("1", "2")
