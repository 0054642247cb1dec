import pytest

from limner.engine.overlay import Overlay, qualify
from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link, Node


def overlay():
    return Overlay(Graph({"1": Node(type="a"), "2": Node(type="b", display="1")}), {})


def moved(graph, values=(), owner="1", siblings=None):
    known = overlay()
    known.add("2", Graph({"taken": Node(type="b", inputs={"v": 1})}))
    return qualify(owner, 2, Graph(graph), values, known, siblings or {})


def test_free_ids_stay():
    graph = {"x": Node(type="a"), "1.0.0.2": Node(type="a", inputs={"v": Link("x", 0)})}
    found, values = moved(graph, (Link("x", 0), 5))
    assert dict(found.nodes) == graph and values == (Link("x", 0), 5)


def test_a_taken_id_moves_the_whole_expansion_and_the_links_into_it():
    graph = {"taken": Node(type="a", inputs={"v": Link("y", 1), "w": Link("1", 0)}), "y": Node(type="b")}
    found, values = moved(graph, (Link("taken", 0), Link("1", 0), 5), owner="7")
    assert set(found.nodes) == {"7.2.0.taken", "7.2.0.y"}
    assert found.nodes["7.2.0.taken"].inputs == {"v": Link("7.2.0.y", 1), "w": Link("1", 0)}
    assert values == (Link("7.2.0.taken", 0), Link("1", 0), 5)


def test_an_equal_node_is_used_again():
    found, values = moved({"taken": Node(type="b", inputs={"v": 1})}, (Link("taken", 0),))
    assert not found.nodes and values == (Link("taken", 0),)


@pytest.mark.parametrize("value", [True, 1.0, 2, Link("2", 0), None])
def test_nodes_that_say_something_else_are_not_equal(value):
    found, _ = moved({"taken": Node(type="b", inputs={"v": value})})
    assert list(found.nodes) == ["1.2.0.taken"]


def test_objects_are_equal_to_themselves_only():
    handle = object()
    siblings = {"x": Node(type="b", inputs={"v": handle})}
    assert not moved({"x": Node(type="b", inputs={"v": handle})}, siblings=siblings)[0].nodes
    assert list(moved({"x": Node(type="b", inputs={"v": object()})}, siblings=siblings)[0].nodes) == ["1.2.0.x"]


def test_what_the_owner_expanded_into_before_counts_as_gone():
    found, _ = moved({"taken": Node(type="c")}, owner="2")
    assert list(found.nodes) == ["taken"]


def test_places_of_nested_expansions():
    graph = overlay()
    graph.add("1", Graph({"1.0.0.a": Node(type="a")}))
    graph.add("1.0.0.a", Graph({"1.0.0.a.0.0.b": Node(type="a")}))
    place = graph.place("1.0.0.a.0.0.b")
    assert (place.display, place.parent, place.real) == ("1", "1.0.0.a", "1")
    assert graph.place("2").display == "1" and graph.place("2").real == "2"


def test_ids_of_others_cannot_be_taken():
    graph = overlay()
    with pytest.raises(GraphError, match="taken"):
        graph.add("1", Graph({"2": Node(type="a")}))


def test_expanding_again_replaces():
    graph = overlay()
    graph.add("1", Graph({"1.x": Node(type="a")}))
    graph.add("1", Graph({"1.x": Node(type="b")}))
    assert graph.node("1.x").type == "b"
    assert list(graph) == ["1", "2", "1.x"] and "1.x" in graph


def test_missing_node():
    with pytest.raises(GraphError, match="'9'"):
        overlay().node("9")
