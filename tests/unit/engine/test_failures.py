"""Errors and interrupts: one run ends, with everything that is known, and the next one works."""

from typing import Annotated, Any

import pytest

from limner.engine.cancellation import Cancellation
from limner.engine.events import Failed, Interrupted, NodeFinished, NodeStarted
from limner.graph.declare import Service, Socket
from limner.graph.errors import InterruptedRun
from limner.graph.progress import Progress

ANYTHING = Annotated[Any, Socket("*")]


class TensorLike:
    """Looks like a tensor and cannot be printed."""

    shape, dtype, device = (1, 4, 8, 8), "torch.float32", "cpu"

    def __repr__(self):
        raise AssertionError("values of tensors are never printed")


@pytest.mark.parametrize(
    "kind", [RuntimeError, SystemExit, KeyboardInterrupt, MemoryError, RecursionError, GeneratorExit, BaseException]
)
def test_whatever_a_node_raises_is_its_failure(lab, make, kind):
    @lab.define()
    def boom(*, x: int) -> int:
        raise kind("boom 3")

    trace = lab.run({"1": make("add", a=1), "2": make("boom", x="@1"), "3": make("show", value="@2")})
    failure = trace.failure
    assert failure.error_type == kind.__name__
    assert failure.message.endswith("boom 3")
    assert failure.place.node == "2" and failure.node_type == "boom"
    assert failure.inputs == {"x": [1]}
    assert failure.executed == ("1",)
    assert failure.known == ("1", "2", "3")
    assert any("boom 3" in line or "raise kind" in line for line in failure.traceback)
    assert lab.run({"1": make("add", a=1), "3": make("show", value="@1")}).recalled == ("1",)


def test_other_classes_are_named_with_their_module(lab, make):
    @lab.define()
    def boom() -> int:
        raise OurError("x")

    failure = lab.run({"1": make("boom"), "2": make("show", value="@1")}).failure
    assert failure.error_type == f"{OurError.__module__}.OurError"


class OurError(Exception):
    pass


def test_tensors_are_described_not_printed(lab, make):
    @lab.define()
    def tensor() -> tuple[ANYTHING, ANYTHING]:
        return (TensorLike(), {"samples": TensorLike()})

    @lab.define()
    def boom(*, x: ANYTHING, y: ANYTHING) -> int:
        raise ValueError("wrong shape")

    graph = {"1": make("tensor"), "2": make("boom", x="@1", y="@1:1"), "3": make("show", value="@2")}
    inputs = lab.run(graph).failure.inputs
    text = "TensorLike torch.float32 [1, 4, 8, 8] on cpu"
    assert inputs == {"x": [text], "y": [f"{{'samples': {text}}}"]}


def test_nothing_runs_after_a_failure_and_results_before_it_stay(lab, make):
    @lab.define()
    def boom() -> int:
        raise ValueError("x")

    graph = {"1": make("show", value=1), "2": make("boom"), "3": make("show", value="@2"), "4": make("show", value=4)}
    trace = lab.run(graph)
    assert trace.shown == {"1": [1], "4": [4]}
    assert isinstance(trace[-1], Failed) and "3" not in trace.started
    assert lab.run(graph).recalled == ("1", "4")


def test_missing_argument_fails_the_step(lab, make):
    assert lab.run({"1": make("show")}).failure.error_type == "TypeError"


def test_missing_service_says_which(lab, make):
    class Library:
        pass

    @lab.define()
    def reading(*, library: Annotated[Library, Service()]) -> int:
        return 1

    failure = lab.run({"1": make("reading"), "2": make("show", value="@1")}).failure
    assert "Library" in failure.message and failure.place.node == "1"


def test_a_huge_value_is_reported_in_bounded_space(lab, make):
    @lab.define()
    def boom(*, text: str, data: ANYTHING) -> int:
        raise ValueError("x")

    graph = {"1": make("boom", text="a" * 10**6, data={str(i): i for i in range(10**4)}), "2": make("show", value="@1")}
    inputs = lab.run(graph).failure.inputs
    assert len(inputs["text"][0]) < 3000 and len(inputs["data"][0]) < 3000


def test_deep_recursion_in_a_node(lab, make):
    @lab.define()
    def deep(*, n: int) -> int:
        def down(n):
            return down(n + 1)

        return down(n)

    failure = lab.run({"1": make("deep", n=0), "2": make("show", value="@1")}).failure
    assert failure.error_type == "RecursionError" and len(failure.traceback) < 100
    assert lab.run({"1": make("show", value=1)}).succeeded


def test_interrupt_before_the_first_node(lab, make):
    cancellation = Cancellation()
    cancellation.cancel()
    trace = lab.run({"1": make("show", value=1)}, cancellation=cancellation)
    assert isinstance(trace[-1], Interrupted) and trace[-1].place is None
    assert trace.of(NodeStarted) == []


def test_interrupt_between_nodes(lab, make):
    cancellation = Cancellation()

    @lab.define()
    def stop(*, a: int) -> int:
        cancellation.cancel()
        return a

    trace = lab.run({"1": make("stop", a=1), "2": make("show", value="@1")}, cancellation=cancellation)
    assert trace[-1].executed == ("1",) and isinstance(trace[-1], Interrupted)
    assert trace.finished == ["1"]


def test_interrupt_between_mapped_calls(lab, make):
    cancellation = Cancellation()

    @lab.define()
    def stop(*, a: int) -> int:
        lab.calls["stop"] += 1
        cancellation.cancel()
        return a

    graph = {"1": make("spread", count=5), "2": make("stop", a="@1"), "3": make("show", value="@2")}
    trace = lab.run(graph, cancellation=cancellation)
    assert trace[-1].place.node == "2" and lab.calls["stop"] == 1


def test_interrupt_inside_a_node_that_asks(lab, make):
    cancellation = Cancellation()

    @lab.define()
    def asking(*, progress: Annotated[Progress, Service()]) -> int:
        for step in range(10):
            lab.calls["asking"] += 1
            if step == 3:
                cancellation.cancel()
            progress.report(step, 10)
        return 1

    trace = lab.run({"1": make("asking"), "2": make("show", value="@1")}, cancellation=cancellation)
    end = trace[-1]
    assert isinstance(end, Interrupted) and (end.place.node, end.node_type) == ("1", "asking")
    assert lab.calls["asking"] == 4
    assert lab.run({"1": make("asking"), "2": make("show", value="@1")}).succeeded


def test_a_node_may_interrupt_by_itself(lab, make):
    @lab.define()
    def stop() -> int:
        raise InterruptedRun("enough")

    trace = lab.run({"1": make("stop"), "2": make("show", value="@1")})
    assert isinstance(trace[-1], Interrupted) and trace.of(NodeFinished) == []


def test_nothing_is_told_after_the_end(lab, make):
    kept = []

    @lab.define()
    def leaking(*, progress: Annotated[Progress, Service()]) -> int:
        kept.append(progress)
        return 1

    trace = lab.run({"1": make("leaking"), "2": make("show", value="@1")})
    count = len(trace)
    kept[0].report(1, 1)
    kept[0].text("late")
    assert len(trace) == count and trace.succeeded


def test_link_into_nothing_fails_the_run(lab, make):
    failure = lab.run({"1": make("show", value="@7")}).failure
    assert "'7'" in failure.message


def test_cycle_in_an_unchecked_graph(lab, make):
    graph = {"1": make("add", a="@2"), "2": make("add", a="@1"), "3": make("show", value="@2")}
    assert lab.run(graph).failure.error_type == "graph.DependencyCycleError"
