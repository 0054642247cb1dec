"""Node, Link and Graph: one use of a node type, a reference to an output, an immutable set of nodes."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class Link(msgspec.Struct, frozen=True, array_like=True):
    """A reference to output number ``output`` of node ``source``."""

    source: str
    output: int


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a node type.

    Attributes:
        type: Name of the node type.
        inputs: By name: a Link, or a constant (any JSON value; in expansions any Python object).
        title: What the author called it, for messages.
        display: The node that a user should see for this one; set by expansion.
    """

    type: str
    inputs: Mapping[str, Any] = {}
    title: str | None = None
    display: str | None = None

    def links(self) -> Iterator[tuple[str, Link]]:
        """Yields (input name, link) for every linked input."""
        for name, value in self.inputs.items():
            if isinstance(value, Link):
                yield name, value


class Graph(msgspec.Struct, frozen=True):
    """Nodes by id. The order is the document's."""

    nodes: Mapping[str, Node] = {}
