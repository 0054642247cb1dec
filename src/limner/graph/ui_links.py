"""The nodes and links of a UI workflow, and where a link really comes from.

Between two nodes that compute, a UI workflow may have any number that do not: reroutes, muted and bypassed nodes,
values set once and used elsewhere, widgets of their own. ``UiGraph.source`` looks through them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from limner.graph.api_document import read_value
from limner.graph.errors import DocumentError
from limner.graph.graph import Link
from limner.graph.node_type import ANY, fits

MUTED = 2
BYPASSED = 4

SILENT = frozenset({"Note", "MarkdownNote"})
"""Node types that compute nothing."""

_PASSING = frozenset({"Reroute", "SetNode"})
_VIRTUAL = SILENT | _PASSING | {"PrimitiveNode", "GetNode"}


@dataclass(frozen=True)
class UiNode:
    """A node of a UI workflow. ``values`` are its ``widgets_values``; ``named`` the same by name, where known."""

    id: str
    type: str
    mode: int = 0
    title: str | None = None
    inputs: tuple[Mapping[str, Any], ...] = ()
    outputs: tuple[Mapping[str, Any], ...] = ()
    values: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, entry: Any) -> "UiNode":
        """Reads a node.

        Raises:
            DocumentError: if it is no node.
        """
        if not isinstance(entry, Mapping) or "id" not in entry or not isinstance(entry.get("type"), str):
            raise DocumentError(f"A node of this UI workflow has no id or no type: {str(entry)[:80]}.")
        written, named = entry.get("widgets_values"), entry.get("widgets_values_named")
        mode, title = entry.get("mode"), entry.get("title")
        return cls(
            id=str(entry["id"]),
            type=entry["type"],
            mode=mode if isinstance(mode, int) else 0,
            title=title if isinstance(title, str) and title else None,
            inputs=_records(entry.get("inputs")),
            outputs=_records(entry.get("outputs")),
            values=tuple(written) if isinstance(written, list) else (),
            named=next((found for found in (named, written) if isinstance(found, Mapping)), {}),
        )


@dataclass(frozen=True)
class UiLink:
    """A link of a UI workflow, from an output of ``source``."""

    source: str
    slot: int
    type: str


@dataclass(frozen=True)
class Constant:
    """A value that a primitive node holds for the inputs it is linked to."""

    value: Any


@dataclass(frozen=True)
class UiGraph:
    """Nodes by id in the document's order, links by id, and the names that SetNodes set."""

    nodes: Mapping[str, UiNode]
    links: Mapping[str, UiLink]
    set_nodes: Mapping[str, UiNode]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "UiGraph":
        """Reads format 0.4 (links are arrays) and 1.0 (links are objects).

        Raises:
            DocumentError: if a node or a link cannot be read.
        """
        nodes = [UiNode.read(entry) for entry in document["nodes"]]
        links = document.get("links")
        set_nodes: dict[str, UiNode] = {}
        for node in nodes:
            if node.type == "SetNode" and node.mode != MUTED and node.values:
                set_nodes.setdefault(str(node.values[0]), node)
        return cls(
            nodes={node.id: node for node in nodes},
            links=dict(_link(entry) for entry in (links if isinstance(links, list) else ()) if entry is not None),
            set_nodes=set_nodes,
        )

    def source(self, link_id: Any) -> Link | Constant | None:
        """What a link leads to: an output of a node that computes, a constant, or nothing."""
        seen: set[tuple[str, int]] = set()
        while link_id is not None:
            link = self.links.get(str(link_id))
            node = self.nodes.get(link.source) if link else None
            if link is None or node is None or (link.source, link.slot) in seen or node.mode == MUTED:
                return None
            seen.add((link.source, link.slot))
            if node.mode == BYPASSED:
                link_id = _bypass(node, link)
            elif node.type == "PrimitiveNode":
                return Constant(read_constant(node.values[0])) if node.values else None
            elif node.type == "GetNode":
                origin = self.set_nodes.get(str(node.values[0])) if node.values else None
                link_id = _first_link(origin) if origin else None
            elif passes(node.type):
                link_id = _first_link(node)
            else:
                return Link(link.source, link.slot)
        return None


def is_virtual(kind: str) -> bool:
    """Whether nodes of this type exist in the page only."""
    return kind in _VIRTUAL or passes(kind)


def passes(kind: str) -> bool:
    """Whether nodes of this type only hand on their first input (``Reroute``, ``Reroute (rgthree)`` ...)."""
    return kind in _PASSING or kind.lower().startswith("reroute")


def read_constant(value: Any) -> Any:
    """A widget's value as a Node holds it. A list is a value here, never a link."""
    return tuple(value) if isinstance(value, list) else read_value(value)


def _records(written: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(item if isinstance(item, Mapping) else {} for item in written) if isinstance(written, list) else ()


def _link(entry: Any) -> tuple[str, UiLink]:
    if isinstance(entry, Mapping):
        found = [entry.get(key) for key in ("id", "origin_id", "origin_slot", "type")]
    elif isinstance(entry, list) and len(entry) >= 5:
        found = [entry[0], entry[1], entry[2], entry[5] if len(entry) > 5 else ANY]
    else:
        found = [None]
    if len(found) < 4 or found[0] is None or not isinstance(found[2], int):
        raise DocumentError(f"A link of this UI workflow cannot be read: {str(entry)[:80]}.")
    return str(found[0]), UiLink(str(found[1]), found[2], _type(found[3]))


def _type(written: Any) -> str:
    """A socket type. Old files have 0 or -1 for any, and a list of values for a choice."""
    return written if isinstance(written, str) and written else "COMBO" if isinstance(written, list) else ANY


def _first_link(node: UiNode) -> Any:
    return node.inputs[0].get("link") if node.inputs else None


def _bypass(node: UiNode, link: UiLink) -> Any:
    """The link of the input that a bypassed node hands on to one of its outputs.

    The input of the same number if its type fits, else the first of exactly that type, else the first that fits.
    """
    types = [_type(entry.get("type")) for entry in node.inputs]
    slot = link.slot
    wanted = _type(node.outputs[slot].get("type")) if 0 <= slot < len(node.outputs) else link.type
    same = slot if 0 <= slot < len(types) and (wanted == ANY or fits(types[slot], wanted)) else None
    exact = next((index for index, kind in enumerate(types) if kind == wanted), None)
    near = next((index for index, kind in enumerate(types) if fits(kind, wanted)), None)
    chosen = next((index for index in (same, exact, near) if index is not None), None)
    return None if chosen is None else node.inputs[chosen].get("link")
