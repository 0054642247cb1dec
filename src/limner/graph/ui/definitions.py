"""Drawings inside a UI workflow: its own body, and the subgraphs that stand in it as nodes.

A body's inputs and outputs are nodes too, with the ids -10 and -20: a link from the first is what the instance's input
is linked to, a link to the second is what its output gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from limner.graph.ui.nodes import MUTED, UiLink, UiNode, read_links, read_nodes, records, socket_type
from limner.graph.ui.virtual import SETTERS

INPUTS = "-10"
OUTPUTS = "-20"


@dataclass(frozen=True)
class Port:
    """An input or output of a body, as its instances see it."""

    name: str
    type: str


@dataclass(frozen=True)
class Body:
    """Nodes and links of a workflow, of a subgraph or of a group node.

    Attributes:
        key: Which definition it is, so that one that contains itself is noticed.
        name: What its author called it.
        nodes: By id, in the document's order.
        links: By id.
        inputs: In order.
        outputs: In order.
    """

    key: str
    name: str
    nodes: Mapping[str, UiNode]
    links: Mapping[str, UiLink]
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()

    @cached_property
    def setters(self) -> Mapping[str, UiNode]:
        """Nodes that set a name, by that name; the first of several counts."""
        found: dict[str, UiNode] = {}
        for node in self.nodes.values():
            if node.type in SETTERS and node.mode != MUTED and node.values:
                found.setdefault(str(node.values[0]), node)
        return found

    @cached_property
    def output_links(self) -> Mapping[int, str]:
        """The link that feeds each output."""
        return {link.target_slot: key for key, link in self.links.items() if link.target == OUTPUTS}

    @cached_property
    def promoted(self) -> tuple[Port, ...]:
        """The inputs that feed widgets: an instance has a widget of its own for each, in this order."""
        widgets = {
            link.slot
            for key, link in self.links.items()
            if link.source == INPUTS and (link.target, key) in self._widget_links
        }
        return tuple(port for slot, port in enumerate(self.inputs) if slot in widgets)

    @cached_property
    def _widget_links(self) -> set[tuple[str, str]]:
        """Nodes and the links that feed widgets of theirs."""
        return {
            (name, str(entry.get("link")))
            for name, node in self.nodes.items()
            for entry in node.widget_inputs()
            if entry.get("link") is not None
        }


def read_body(document: Mapping[str, Any], key: str = "") -> Body:
    """Reads the body of a workflow or of a subgraph.

    Raises:
        DocumentError: if a node or link cannot be read.
    """
    name = document.get("name")
    return Body(
        key=key,
        name=name if isinstance(name, str) else key,
        nodes=read_nodes(document.get("nodes")),
        links=read_links(document.get("links")),
        inputs=_ports(document.get("inputs")),
        outputs=_ports(document.get("outputs")),
    )


def read_subgraphs(document: Mapping[str, Any]) -> dict[str, Body]:
    """The subgraphs that a document defines, by the node type that stands for each. Those in subgraphs count too.

    Raises:
        DocumentError: if a node or link in one cannot be read.
    """
    found: dict[str, Body] = {}
    waiting = [document]
    while waiting:
        definitions = waiting.pop().get("definitions")
        for entry in records(definitions.get("subgraphs")) if isinstance(definitions, Mapping) else ():
            key = entry.get("id")
            if isinstance(key, str) and key not in found:
                found[key] = read_body(entry, key)
                waiting.append(entry)
    return found


def _ports(written: Any) -> tuple[Port, ...]:
    return tuple(Port(str(entry.get("name")), socket_type(entry.get("type"))) for entry in records(written))
