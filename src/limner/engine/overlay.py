"""The nodes of a run: the submitted graph, which never changes, and what nodes expanded into while it ran."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from limner.engine.events import NodePlace
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


def qualify(owner: str, call: int, graph: Graph, values: tuple[Any, ...]) -> tuple[Graph, tuple[Any, ...]]:
    """Makes the ids of an expansion unique in its run.

    An id that starts with the owner's is unique by its author's care; another one gets the prefix ``owner.call.0.``. A
    link to an id that is not in the expansion means a node outside and stays.

    Args:
        owner: The node that expands.
        call: Which of its calls it was, from 0.
        graph: The expansion.
        values: What it returned; may hold Links into the expansion.

    Returns:
        The expansion and the values with the new ids.
    """
    names = {name: name if name.startswith(f"{owner}.") else f"{owner}.{call}.0.{name}" for name in graph.nodes}

    def moved(value: Any) -> Any:
        if isinstance(value, Link) and value.source in names:
            return Link(names[value.source], value.output)
        return value

    nodes = {
        names[name]: msgspec.structs.replace(node, inputs={key: moved(value) for key, value in node.inputs.items()})
        for name, node in graph.nodes.items()
    }
    return Graph(nodes), tuple(moved(value) for value in values)
