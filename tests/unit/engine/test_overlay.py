import pytest

from limner.engine.overlay import Overlay, qualify
from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link, Node


def overlay():
    return Overlay(Graph({"1": Node(type="a"), "2": Node(type="b", display="1")}), {})


def test_qualify_renames_ids_and_links_to_them():
    graph = Graph({"x": Node(type="a", inputs={"v": Link("y", 1), "w": Link("1", 0)}), "y": Node(type="b")})
    moved, values = qualify("7", 2, graph, (Link("x", 0), Link("1", 0), 5))
    assert set(moved.nodes) == {"7.2.0.x", "7.2.0.y"}
    assert moved.nodes["7.2.0.x"].inputs == {"v": Link("7.2.0.y", 1), "w": Link("1", 0)}
    assert values == (Link("7.2.0.x", 0), Link("1", 0), 5)


def test_qualify_keeps_ids_that_are_unique_already():
    moved, values = qualify("1", 0, Graph({"1.0.0.2": Node(type="a")}), (Link("1.0.0.2", 0),))
    assert set(moved.nodes) == {"1.0.0.2"} and values == (Link("1.0.0.2", 0),)


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
