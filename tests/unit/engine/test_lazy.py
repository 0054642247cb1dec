"""Lazy inputs: evaluated only when the node asks (contract 4.3)."""

from typing import Annotated, Any

import pytest

from limner.graph.declare import Flags, Socket

ANYTHING = Annotated[Any, Socket("*")]
LAZY = Annotated[Any, Socket("*"), Flags(lazy=True, optional=True)]


@pytest.fixture(autouse=True)
def nodes(lab):
    def wanted(condition, on_true=None, on_false=None):
        return ["on_true" if condition else "on_false"]

    @lab.define(needs=wanted)
    def choose(*, condition: bool, on_true: LAZY = None, on_false: LAZY = None) -> ANYTHING:
        return on_true if condition else on_false

    @lab.define()
    def never() -> int:
        raise AssertionError("nobody needs this")


def test_only_what_is_asked_for_runs(lab, make):
    graph = {
        "1": make("add", a=1),
        "2": make("never"),
        "3": make("choose", condition=True, on_true="@1", on_false="@2"),
        "4": make("show", value="@3"),
    }
    trace = lab.run(graph)
    assert trace.shown == {"4": [1]}
    # Announced again when it is entered again, with the lazy input that it asked for.
    assert trace.started == ["3", "1", "3", "4"]


def test_condition_may_be_computed(lab, make):
    graph = {
        "0": make("add", a=0),
        "1": make("never"),
        "2": make("add", a=2),
        "3": make("choose", condition="@0", on_true="@1", on_false="@2"),
        "4": make("show", value="@3"),
    }
    assert lab.run(graph).shown == {"4": [2]}


def test_lazy_sources_that_ran_anyway_are_there_at_once(lab, make):
    graph = {
        "1": make("add", a=1),
        "2": make("show", value="@1"),
        "3": make("choose", condition=True, on_true="@1"),
        "4": make("show", value="@3"),
    }
    trace = lab.run(graph, targets=["2", "4"])
    assert trace.started.count("3") == 1


def test_lazy_sources_that_are_held_are_there_at_once(lab, make):
    lab.run({"1": make("add", a=1), "2": make("show", value="@1")})
    graph = {"1": make("add", a=1), "3": make("choose", condition=True, on_true="@1"), "4": make("show", value="@3")}
    trace = lab.run(graph)
    assert trace.recalled == ("1",)
    assert trace.started == ["3", "4"]


def test_without_a_function_lazy_inputs_are_none(lab, make):
    @lab.define()
    def default(*, a: LAZY = None) -> ANYTHING:
        return [a]

    graph = {"1": make("never"), "2": make("default", a="@1"), "3": make("show", value="@2")}
    assert lab.run(graph).shown == {"3": [[None]]}


def test_mapped_node_asks_for_each_item(lab, make):
    graph = {
        "0": make("spread", count=2),
        "1": make("add", a=10),
        "2": make("add", a=20),
        "3": make("choose", condition="@0", on_true="@1", on_false="@2"),
        "4": make("show", value="@3"),
    }
    assert lab.run(graph).shown == {"4": [20, 10]}


def test_asking_in_turns(lab, make):
    @lab.define(needs=lambda a=None, b=None: ["a"] if a is None else ["b"] if a < 5 else [])
    def stepwise(*, a: LAZY = None, b: LAZY = None) -> ANYTHING:
        return [a, b]

    low = {
        "1": make("add", a=1),
        "2": make("add", a=2),
        "3": make("stepwise", a="@1", b="@2"),
        "4": make("show", value="@3"),
    }
    high = {**low, "1": make("add", a=8), "2": make("never")}
    assert lab.run(low).shown == {"4": [[1, 2]]}
    assert lab.run(high).shown == {"4": [[8, None]]}


def test_unknown_names_and_constants_are_ignored(lab, make):
    @lab.define(needs=lambda a=None, b=None: ["nonsense", "b"])
    def odd(*, a: LAZY = None, b: LAZY = None) -> ANYTHING:
        return [a, b]

    graph = {"1": make("never"), "2": make("odd", a="@1", b=3), "3": make("show", value="@2")}
    assert lab.run(graph).shown == {"3": [[None, 3]]}


def test_asking_for_what_is_not_linked_fails(lab, make):
    graph = {"1": make("never"), "2": make("choose", condition=False, on_true="@1"), "3": make("show", value="@2")}
    failure = lab.run(graph).failure
    assert failure.place.node == "2" and "on_false" in failure.message


def test_needs_may_be_a_coroutine(lab, make):
    async def wanted(a=None):
        return ["a"]

    @lab.define(needs=wanted)
    def later(*, a: LAZY = None) -> ANYTHING:
        return a

    graph = {"1": make("add", a=4), "2": make("later", a="@1"), "3": make("show", value="@2")}
    assert lab.run(graph).shown == {"3": [4]}


def test_a_lazy_cycle_is_reported_when_it_appears(lab, make):
    graph = {
        "1": make("choose", condition=True, on_true="@2"),
        "2": make("add", a="@1"),
        "3": make("show", value="@2"),
    }
    failure = lab.run(graph).failure
    assert failure.error_type == "graph.DependencyCycleError"
    assert failure.message == "Dependency cycle detected"
    assert lab.run({"1": make("show", value=1)}).succeeded
