"""The nodes of a run: the submitted graph, which never changes, and what nodes expanded into while it ran."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from limner.engine.events import NodePlace
from limner.engine.fingerprint import UnequalError, canonical
from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link, Node


class Overlay:
    """A graph that grows by expansions."""

    def __init__(self, graph: Graph, document: Mapping[str, Any]) -> None:
        self.graph = graph
        """What was submitted."""
        self.document = document
        """The same as a document, passed on by reference."""
        self._nodes = dict(graph.nodes)
        self._places: dict[str, NodePlace] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def node(self, name: str) -> Node:
        """The node of that id.

        Raises:
            GraphError: if there is none.
        """
        try:
            return self._nodes[name]
        except KeyError:
            raise GraphError(f"Node {name!r} is asked for or linked to, but it does not exist in this graph.") from None

    def place(self, name: str) -> NodePlace:
        """Where a node stands."""
        place = self._places.get(name)
        if place is None:
            display = self._nodes[name].display or name
            place = self._places[name] = NodePlace(node=name, display=display, parent=None, real=name)
        return place

    def add(self, parent: str, graph: Graph) -> None:
        """Adds what a node expanded into. A node that expands once more replaces what it had expanded into.

        Raises:
            GraphError: if an id is taken by a node of somebody else.
        """
        above = self.place(parent)
        for name, node in graph.nodes.items():
            if name in self._nodes and self.place(name).parent != parent:
                raise GraphError(f"Node {parent!r} expands into a node {name!r}, but that id is taken already.")
            self._nodes[name] = node
            self._places[name] = NodePlace(
                node=name, display=node.display or above.display, parent=parent, real=above.real
            )


def qualify(
    owner: str, call: int, graph: Graph, values: tuple[Any, ...], overlay: Overlay, siblings: Mapping[str, Node]
) -> tuple[Graph, tuple[Any, ...]]:
    """Makes the ids of an expansion unique in its run.

    Ids that are free stay as their author chose them. An id of an equal node that is there already means that node.
    If an id is taken by another node, all ids of the expansion get the prefix ``owner.call.0.``. A link to an id that
    is not in the expansion means a node outside and stays.

    Args:
        owner: The node that expands.
        call: Which of its calls it was, from 0.
        graph: The expansion.
        values: What it returned; may hold Links into the expansion.
        overlay: The run's nodes. What the owner expanded into before counts as gone.
        siblings: What earlier calls of the owner expanded into, this time.

    Returns:
        The new nodes and the values, with the new ids.
    """

    def taken(name: str) -> Node | None:
        known = siblings.get(name)
        if known is None and name in overlay and overlay.place(name).parent != owner:
            known = overlay.node(name)
        return known

    known = {name: found for name in graph.nodes if (found := taken(name)) is not None}
    if all(_equal(graph.nodes[name], found) for name, found in known.items()):
        return Graph({name: node for name, node in graph.nodes.items() if name not in known}), values
    names = {name: f"{owner}.{call}.0.{name}" for name in graph.nodes}

    def moved(value: Any) -> Any:
        if isinstance(value, Link) and value.source in names:
            return Link(names[value.source], value.output)
        return value

    nodes = {
        names[name]: msgspec.structs.replace(node, inputs={key: moved(value) for key, value in node.inputs.items()})
        for name, node in graph.nodes.items()
    }
    return Graph(nodes), tuple(moved(value) for value in values)


def _equal(one: Node, other: Node) -> bool:
    """Whether two nodes say the same. Objects, which only expansions hold, are the same or they are not."""
    if one.type != other.type or one.inputs.keys() != other.inputs.keys():
        return False
    return all(_same(value, other.inputs[name]) for name, value in one.inputs.items())


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Link) or isinstance(other, Link):
        return one == other if type(one) is type(other) else False
    try:
        return canonical(one) == canonical(other)
    except UnequalError:
        return one is other
