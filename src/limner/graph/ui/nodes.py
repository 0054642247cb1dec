"""The nodes and links of a UI workflow as they are written, without what they mean.

Formats 0.4 (links are arrays) and 1.0 (links are objects). What is wrong but harmless is read over, because files come
from many programs; what cannot be a node or a link is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from limner.graph.api_document import read_value
from limner.graph.errors import DocumentError
from limner.graph.node_type import ANY

MUTED = 2
BYPASSED = 4

LONGEST_ID = 200
"""Characters of a node's id."""

Records = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class UiNode:
    """A node of a UI workflow.

    Attributes:
        id: As text.
        type: Class name, or the id of a subgraph.
        mode: ``MUTED``, ``BYPASSED``, or another number for "runs".
        title: What the author called it, or None.
        inputs: Sockets, as written: ``name type link widget``.
        outputs: Sockets, as written.
        values: ``widgets_values`` where that is an array.
        named: The same by name, where known.
        given: Values by name that stand above the node's own: those of a subgraph's instance.
        properties: As written; ``proxyWidgets`` and the name for search and replace are in there.
    """

    id: str
    type: str
    mode: int = 0
    title: str | None = None
    inputs: Records = ()
    outputs: Records = ()
    values: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, entry: Any, name: str | None = None) -> "UiNode":
        """Reads a node; ``name`` replaces its id.

        Raises:
            DocumentError: if it is no node.
        """
        has_id = name is not None or (isinstance(entry, Mapping) and isinstance(entry.get("id"), int | str))
        if not isinstance(entry, Mapping) or not has_id or not isinstance(entry.get("type"), str):
            raise DocumentError(f"A node of this UI workflow has no id or no type: {described(entry)}.")
        if len(str(entry["id"] if name is None else name)) > LONGEST_ID:
            raise DocumentError(f"The id of a node of this UI workflow is longer than {LONGEST_ID} characters.")
        written, named = entry.get("widgets_values"), entry.get("widgets_values_named")
        mode, title, properties = entry.get("mode"), entry.get("title"), entry.get("properties")
        return cls(
            id=str(entry["id"]) if name is None else name,
            type=entry["type"],
            mode=mode if isinstance(mode, int) else 0,
            title=title if isinstance(title, str) and title else None,
            inputs=records(entry.get("inputs")),
            outputs=records(entry.get("outputs")),
            values=tuple(written) if isinstance(written, list) else (),
            named=next((found for found in (named, written) if isinstance(found, Mapping)), {}),
            properties=properties if isinstance(properties, Mapping) else {},
        )

    @property
    def stands_aside(self) -> bool:
        """Whether it does not run: muted or bypassed."""
        return self.mode in (MUTED, BYPASSED)

    def widget_inputs(self) -> Records:
        """The inputs that are widgets as well as sockets. Newer files list all of them, older ones those linked."""
        return tuple(entry for entry in self.inputs if entry.get("widget") and isinstance(entry.get("name"), str))


@dataclass(frozen=True)
class UiLink:
    """A link of a UI workflow, from an output of ``source`` to an input of ``target``."""

    source: str
    slot: int
    type: str
    target: str
    target_slot: int


def read_nodes(written: Any) -> dict[str, UiNode]:
    """Nodes by id in the document's order.

    Raises:
        DocumentError: if one is no node.
    """
    nodes = [UiNode.read(entry) for entry in written] if isinstance(written, list) else []
    return {node.id: node for node in nodes}


def read_links(written: Any) -> dict[str, UiLink]:
    """Links by id.

    Raises:
        DocumentError: if one is no link.
    """
    entries = written if isinstance(written, list) else list(written.values()) if isinstance(written, Mapping) else []
    return dict(_link(entry) for entry in entries if entry is not None)


def _link(entry: Any) -> tuple[str, UiLink]:
    if isinstance(entry, Mapping):
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        found = [entry.get(key) for key in keys]
    elif isinstance(entry, list) and len(entry) >= 5:
        found = [*entry[:5], entry[5] if len(entry) > 5 else ANY]
    else:
        found = [None] * 6
    ends = found[0:2] + found[3:4]
    if not isinstance(found[2], int) or not all(isinstance(end, int | str) for end in ends[:2]):
        raise DocumentError(f"A link of this UI workflow cannot be read: {described(entry)}.")
    slot = found[4] if isinstance(found[4], int) else -1
    return str(found[0]), UiLink(str(found[1]), found[2], socket_type(found[5]), str(found[3]), slot)


def records(written: Any) -> Records:
    """A list's objects; what is none counts as an empty one, so that places stay right."""
    return tuple(item if isinstance(item, Mapping) else {} for item in written) if isinstance(written, list) else ()


def socket_type(written: Any) -> str:
    """A socket type. Old files have 0 or -1 for any, and a list of values for a choice."""
    return written if isinstance(written, str) and written else "COMBO" if isinstance(written, list) else ANY


def read_constant(value: Any) -> Any:
    """A widget's value as a Node holds it. A list is a value here, never a link."""
    return tuple(value) if isinstance(value, list) else read_value(value)


def described(entry: Any) -> str:
    """What an entry looks like, in a few words. Its ``repr`` may be endless or too deep."""
    if isinstance(entry, Mapping):
        return f"an object with the keys {', '.join(f'{key!s:.20}' for key in list(entry)[:6]) or 'none'}"
    return f"a list of {len(entry)} entries" if isinstance(entry, list) else f"{entry!r:.60}"
