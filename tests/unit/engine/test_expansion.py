"""Nodes that are computed by further nodes (contract 4.4)."""

from typing import Annotated, Any

import pytest

from limner.engine.events import NodeOutput
from limner.graph.declare import Hidden, NodeResult, Socket
from limner.graph.graph import Graph, Link, Node

ANYTHING = Annotated[Any, Socket("*")]
ID = Annotated[str, Hidden("UNIQUE_ID")]


@pytest.fixture(autouse=True)
def nodes(lab, make):
    @lab.define()
    def twice(*, value: ANYTHING) -> ANYTHING:
        inner = {"sum": make("add", a=value, b=value)}
        return NodeResult(values=(Link("sum", 0),), expand=Graph(inner))

    @lab.define()
    def count_down(*, value: int, total: int) -> int:
        """A loop: adds value + (value - 1) + ... by expanding into itself."""
        if value == 0:
            return total
        inner = {"sum": make("add", a=total, b=value), "next": make("count_down", value=value - 1, total="@sum")}
        return NodeResult(values=(Link("next", 0),), expand=Graph(inner))

    @lab.define()
    def watched(*, value: ANYTHING, me: ID) -> ANYTHING:
        name = f"{me}.0.0.1"
        return NodeResult(values=(value,), expand=Graph({name: make("show", value=value)}))


def test_result_is_that_of_the_inner_node(lab, make):
    graph = {"1": make("twice", value=4), "2": make("show", value="@1")}
    trace = lab.run(graph)
    assert trace.shown == {"2": [8]}
    # The parent is announced once, at its first call.
    assert trace.started == ["1", "sum", "2"]
    assert trace.finished == ["sum", "1", "2"]


def test_places_say_where_an_inner_node_belongs(lab, make):
    trace = lab.run({"1": make("watched", value=4), "2": make("show", value="@1")})
    inner = next(event.place for event in trace.of(NodeOutput) if event.place.node == "1.0.0.1")
    assert (inner.display, inner.parent, inner.real) == ("1", "1", "1")


def test_output_nodes_inside_run_though_nothing_links_to_them(lab, make):
    graph = {"1": make("watched", value=4), "2": make("show", value="@1")}
    assert lab.run(graph).shown == {"1.0.0.1": [4], "2": [4]}
    # When the parent is recalled it does not expand again.
    assert lab.run(graph).shown == {"2": [4]}


def test_loop_by_expansion(lab, make):
    graph = {"1": make("count_down", value=30, total=0), "2": make("show", value="@1")}
    trace = lab.run(graph)
    assert trace.shown == {"2": [465]}
    deepest = max((event.place for event in trace if hasattr(event, "place")), key=lambda place: len(place.node))
    assert deepest.real == "1" and deepest.display == "1"


def test_long_loop_needs_no_recursion(lab, make):
    @lab.define()
    def down(*, value: int) -> int:
        if value == 0:
            return 0
        name = f"{lab.calls['down']}"
        lab.calls["down"] += 1
        return NodeResult(values=(Link(name, 0),), expand=Graph({name: make("down", value=value - 1)}))

    assert lab.run({"1": make("down", value=1500), "2": make("show", value="@1")}).shown == {"2": [0]}


def test_inner_nodes_are_shared_with_equal_nodes(lab, make):
    lab.run({"1": make("add", a=4, b=4), "2": make("show", value="@1")})
    trace = lab.run({"1": make("twice", value=4), "2": make("show", value="@1")})
    assert trace.started == ["1", "2"]


def test_user_graph_is_not_changed(lab, make):
    graph = Graph({"1": make("twice", value=4), "2": make("show", value="@1")})
    before = dict(graph.nodes)
    lab.run(graph.nodes)
    assert dict(graph.nodes) == before


def test_links_into_the_outer_graph(lab, make):
    @lab.define()
    def outside(*, value: ANYTHING) -> ANYTHING:
        return NodeResult(values=(Link("sum", 0),), expand=Graph({"sum": make("add", a="@1", b=value)}))

    graph = {"1": make("add", a=5), "2": make("outside", value="@1"), "3": make("show", value="@2")}
    assert lab.run(graph).shown == {"3": [10]}


def test_plain_values_beside_links(lab, make):
    @lab.define()
    def mixed(*, value: ANYTHING) -> tuple[ANYTHING, ANYTHING]:
        return NodeResult(values=(value, Link("sum", 0)), expand=Graph({"sum": make("add", a=value, b=1)}))

    graph = {"1": make("mixed", value=3), "2": make("show", value="@1"), "3": make("show", value="@1:1")}
    assert lab.run(graph).shown == {"2": [3], "3": [4]}


def test_some_calls_expand_and_others_do_not(lab, make):
    @lab.define()
    def sometimes(*, value: int) -> ANYTHING:
        if value % 2:
            return value
        return NodeResult(values=(Link("sum", 0),), expand=Graph({"sum": make("add", a=value, b=100)}))

    graph = {"0": make("spread", count=4), "1": make("sometimes", value="@0"), "2": make("show", value="@1")}
    trace = lab.run(graph)
    assert trace.shown == {"2": [100, 1, 102, 3]}
    assert {"sum", "1.2.0.sum"} <= set(trace.started)


def test_linked_output_contributes_all_its_items(lab, make):
    @lab.define()
    def many() -> ANYTHING:
        return NodeResult(values=(Link("items", 0),), expand=Graph({"items": make("spread", count=3)}))

    assert lab.run({"1": make("many"), "2": make("show", value="@1")}).shown == {"2": [0, 1, 2]}


def test_raw_objects_may_be_inputs_and_equal_nothing(lab, make):
    class Handle:
        def __add__(self, other):
            return other

    @lab.define()
    def handing() -> ANYTHING:
        return NodeResult(values=(Link("sum", 0),), expand=Graph({"sum": make("add", a=Handle(), b=6)}))

    graph = {"1": make("handing"), "2": make("show", value="@1")}
    assert lab.run(graph).shown == {"2": [6]}
    assert lab.run(graph).recalled == ("1", "2")


def test_unknown_inner_type_fails_the_parent(lab, make):
    @lab.define()
    def wrong() -> ANYTHING:
        return NodeResult(values=(Link("x", 0),), expand=Graph({"x": Node(type="Nowhere")}))

    failure = lab.run({"1": make("wrong"), "2": make("show", value="@1")}).failure
    assert failure.place.node == "1" and "Nowhere" in failure.message


def test_inner_failure_tells_the_real_node(lab, make):
    @lab.define()
    def boom() -> int:
        raise ValueError("inside")

    @lab.define()
    def outer() -> ANYTHING:
        return NodeResult(values=(Link("x", 0),), expand=Graph({"x": make("boom")}))

    failure = lab.run({"1": make("outer"), "2": make("show", value="@1")}).failure
    assert (failure.place.node, failure.place.real, failure.node_type) == ("x", "1", "boom")


def test_cycle_through_an_expansion(lab, make):
    @lab.define()
    def knot() -> ANYTHING:
        return NodeResult(values=(Link("x", 0),), expand=Graph({"x": make("add", a="@2")}))

    graph = {"1": make("knot"), "2": make("add", a="@1"), "3": make("show", value="@2")}
    failure = lab.run(graph).failure
    assert failure.error_type == "graph.DependencyCycleError"
    assert failure.place.real == "1" and failure.place.node != "1"


def test_node_that_expands_into_itself_forever_equal_is_a_cycle(lab, make):
    @lab.define()
    def mirror(*, value: int) -> int:
        return NodeResult(values=(Link("x", 0),), expand=Graph({"x": make("mirror", value=value)}))

    failure = lab.run({"1": make("mirror", value=1), "2": make("show", value="@1")}).failure
    assert failure.error_type == "graph.DependencyCycleError"


def test_display_may_be_set_by_the_expansion(lab, make):
    @lab.define()
    def dressed() -> ANYTHING:
        inner = Node(type="show", inputs={"value": 1}, display="9")
        return NodeResult(values=(1,), expand=Graph({"x": inner}))

    trace = lab.run({"1": make("dressed"), "2": make("show", value="@1")})
    assert next(e.place.display for e in trace.of(NodeOutput) if e.place.node == "x") == "9"


def test_an_id_of_an_equal_node_means_that_node(lab, make):
    @lab.define()
    def again(*, value: ANYTHING) -> ANYTHING:
        return NodeResult(values=(Link("sum", 0),), expand=Graph({"sum": make("add", a=4, b=4)}))

    graph = {
        "1": make("again", value=1),
        "2": make("again", value=2),
        "3": make("show", value="@1"),
        "4": make("show", value="@2"),
    }
    trace = lab.run(graph)
    assert trace.shown == {"3": [8], "4": [8]}
    assert trace.started.count("sum") == 1
    assert sorted(trace.started) == ["1", "2", "3", "4", "sum"]


def test_an_id_that_another_node_has_is_made_unique(lab, make):
    @lab.define()
    def clashing(*, value: ANYTHING) -> ANYTHING:
        inner = {"2": make("add", a=value, b=1), "3": make("add", a="@2", b=1)}
        return NodeResult(values=(Link("3", 0),), expand=Graph(inner))

    trace = lab.run({"1": make("clashing", value=4), "2": make("show", value="@1")})
    assert trace.shown == {"2": [6]}
    assert trace.started == ["1", "1.0.0.2", "1.0.0.3", "2"]


def test_a_list_contributes_itself_and_a_coroutine_may_expand(lab, make):
    @lab.define()
    async def later(*, value: ANYTHING) -> ANYTHING:
        return NodeResult(values=(Link("sum", 0),), expand=Graph({"sum": make("add", a=value, b=1)}))

    graph = {
        "1": make("later", value=1),
        "2": make("later", value=2),
        "3": make("show", value="@1"),
        "4": make("show", value="@2"),
    }
    assert lab.run(graph).shown == {"3": [2], "4": [3]}
