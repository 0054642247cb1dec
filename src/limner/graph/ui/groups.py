"""Group nodes, the older kind of subgraph: a node of the type ``workflow>Name`` whose body stands in the document's
``extra.groupNodes``.

A group node has the sockets of its inner nodes that no inner link feeds, and their widgets one after the other. Which
socket is which is told by name and type only, in the order of the inner nodes. As a Body it looks like a subgraph.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from limner.graph.node_type import ANY, VALUE_TYPES, NodeType, fits
from limner.graph.ui.definitions import INPUTS, OUTPUTS, Body, Port
from limner.graph.ui.nodes import Records, UiLink, UiNode, records, socket_type
from limner.graph.ui.widgets import read_array

MOST_SOCKETS = 500
"""Inputs or outputs of a group that are looked for."""

_PREFIXES = ("workflow>", "workflow/")


@dataclass
class _Socket:
    """A socket of an inner node that may be one of the group's."""

    node: str
    slot: int
    name: str
    type: str
    taken: bool = False

    def is_called(self, name: str, kind: str) -> bool:
        """Whether the group's socket of that name and type may be this one. Names that are taken get a prefix."""
        return fits(kind, self.type) and (name == self.name or name.endswith(f" {self.name}"))


def group_name(kind: str) -> str | None:
    """The name of the group that a node type stands for, or None."""
    return next((kind.removeprefix(prefix) for prefix in _PREFIXES if kind.startswith(prefix)), None)


def read_groups(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The groups that a document defines, by name, as written."""
    extra = document.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, Mapping) else None
    return (
        {str(name): group for name, group in groups.items() if isinstance(group, Mapping)}
        if isinstance(groups, Mapping)
        else {}
    )


def group_body(host: UiNode, group: Mapping[str, Any], kinds: Mapping[str, NodeType]) -> Body:
    """The body of a group node with the values of one instance.

    Raises:
        DocumentError: if an inner node cannot be read.
    """
    written = records(group.get("nodes"))
    nodes = {str(index): UiNode.read(entry, str(index)) for index, entry in enumerate(written)}
    links = {f"in{number}": link for number, link in enumerate(_links(group.get("links"))) if link.source in nodes}
    fed = {(link.target, link.target_slot): key for key, link in links.items()}
    nodes = {name: replace(node, inputs=_rewired(node, fed)) for name, node in nodes.items()}
    nodes = _with_values(host, nodes, kinds)
    config = group.get("config")
    names = _Names(config if isinstance(config, Mapping) else {})
    kept = _external(group.get("external"))
    inside = {(link.source, link.slot) for link in links.values()} - kept
    outer = _outer_links(host, nodes, kinds, names, inside)
    for key, link in outer.items():
        if link.source == INPUTS:
            nodes[link.target] = _plugged(nodes[link.target], link, key)
    return Body(
        key=host.type,
        name=group_name(host.type) or host.type,
        nodes=nodes,
        links=links | outer,
        inputs=tuple(Port(str(entry.get("name")), socket_type(entry.get("type"))) for entry in host.inputs),
        outputs=tuple(Port(str(entry.get("name")), socket_type(entry.get("type"))) for entry in host.outputs),
    )


@dataclass(frozen=True)
class _Names:
    """What the group's author called its sockets."""

    config: Mapping[str, Any]

    def of(self, node: str, side: str, key: str, name: str) -> tuple[str, bool]:
        """Name of a socket and whether it is shown."""
        found: Any = self.config
        for step in (node, side, key):
            found = found.get(step) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            return name, True
        given = found.get("name")
        return (given if isinstance(given, str) and given else name), found.get("visible") is not False


def _links(written: Any) -> Iterator[UiLink]:
    """Links between inner nodes: ``[source, slot, target, slot, id, type]`` with places in the list of nodes."""
    for entry in written if isinstance(written, list) else ():
        if isinstance(entry, list) and len(entry) >= 4 and all(isinstance(part, int) for part in entry[:4]):
            yield UiLink(
                str(entry[0]), entry[1], socket_type(entry[5] if len(entry) > 5 else ANY), str(entry[2]), entry[3]
            )


def _rewired(node: UiNode, fed: Mapping[tuple[str, int], str]) -> Records:
    """The inputs of an inner node with the links that its group has now; those of its past are dropped."""
    return tuple({**entry, "link": fed.get((node.id, slot))} for slot, entry in enumerate(node.inputs))


def _plugged(node: UiNode, link: UiLink, key: str) -> UiNode:
    """An inner node with one more input linked, or with an input for a widget that had none."""
    inputs = [dict(entry) for entry in node.inputs]
    if link.target_slot < len(inputs):
        inputs[link.target_slot]["link"] = key
    return replace(node, inputs=tuple(inputs))


def _outer_links(
    host: UiNode, nodes: dict[str, UiNode], kinds: Mapping[str, NodeType], names: _Names, inside: set[tuple[str, int]]
) -> dict[str, UiLink]:
    """Links from the group's inputs and to its outputs. Adds inputs to ``nodes`` for widgets that are fed."""
    inner: list[_Socket] = []
    for name, node in nodes.items():
        nodes[name] = node = _with_widget_inputs(node, kinds.get(node.type))
        for slot, entry in enumerate(node.inputs):
            called, _shown = names.of(name, "input", str(entry.get("name")), str(entry.get("name")))
            if entry.get("link") is None:
                inner.append(_Socket(name, slot, called, socket_type(entry.get("type"))))
    found: dict[str, UiLink] = {}
    for slot, socket in _matched(host.inputs, inner):
        found[f"from{slot}"] = UiLink(INPUTS, slot, socket.type, socket.node, socket.slot)
    for slot, socket in _matched(host.outputs, _outputs(nodes, names, inside)):
        found[f"to{slot}"] = UiLink(socket.node, socket.slot, socket.type, OUTPUTS, slot)
    return found


def _external(written: Any) -> set[tuple[str, int]]:
    """The outputs that are linked inside and outside: ``[node, slot, type]``."""
    entries = written if isinstance(written, list) else []
    return {
        (str(entry[0]), entry[1])
        for entry in entries
        if isinstance(entry, list) and len(entry) >= 2 and all(isinstance(part, int) for part in entry[:2])
    }


def _outputs(nodes: Mapping[str, UiNode], names: _Names, inside: set[tuple[str, int]]) -> list[_Socket]:
    """Outputs of inner nodes; those that are hidden, or linked inside only, come last."""
    shown: list[_Socket] = []
    hidden: list[_Socket] = []
    for name, node in nodes.items():
        for slot, entry in enumerate(node.outputs):
            kind = socket_type(entry.get("type"))
            called, is_shown = names.of(name, "output", str(slot), str(entry.get("name") or kind))
            (shown if is_shown and (name, slot) not in inside else hidden).append(_Socket(name, slot, called, kind))
    return shown + hidden


def _matched(outer: Records, inner: Sequence[_Socket]) -> Iterator[tuple[int, _Socket]]:
    """Pairs of an outer socket's place and the inner socket that it is: by name and type, else the next of its type."""
    missing: list[tuple[int, str]] = []
    for slot, entry in enumerate(outer[:MOST_SOCKETS]):
        name, kind = str(entry.get("name")), socket_type(entry.get("type"))
        socket = next((each for each in inner if not each.taken and each.is_called(name, kind)), None)
        if socket is None:
            missing.append((slot, kind))
            continue
        socket.taken = True
        yield slot, socket
    for slot, kind in missing:
        socket = next((each for each in inner if not each.taken and each.type == kind), None)
        if socket is not None:
            socket.taken = True
            yield slot, socket


def _with_widget_inputs(node: UiNode, kind: NodeType | None) -> UiNode:
    """An inner node with an input for every widget: the group may have made a socket of any."""
    known = {entry.get("name") for entry in node.inputs}
    added = [
        {"name": entry.name, "type": entry.type, "link": None, "widget": {"name": entry.name}}
        for entry in (kind.inputs if kind else ())
        if entry.type in VALUE_TYPES and entry.name not in known
    ]
    return replace(node, inputs=(*node.inputs, *added)) if added else node


def _with_values(host: UiNode, nodes: Mapping[str, UiNode], kinds: Mapping[str, NodeType]) -> dict[str, UiNode]:
    """The inner nodes with the instance's values, which stand one after the other; what does not fit is left alone.

    A widget that an inner link feeds is no widget of the group.
    """
    shares: dict[str, list[int]] = {}
    for every in (True, False):
        shares = {name: list(_own_places(node, kinds.get(node.type), every=every)) for name, node in nodes.items()}
        if sum(map(len, shares.values())) == len(host.values):
            break
    else:
        return dict(nodes)
    values = iter(host.values)
    found: dict[str, UiNode] = {}
    for name, node in nodes.items():
        own = list(node.values)
        for place in shares[name]:
            own[place] = next(values)
        found[name] = replace(node, values=tuple(own))
    return found


def _own_places(node: UiNode, kind: NodeType | None, *, every: bool) -> Iterator[int]:
    """The entries of an inner node's array that the group has, too."""
    names = read_array(node, kind).names
    fed = {entry.get("name") for entry in node.inputs if entry.get("link") is not None}
    skipped = False
    for place, name in enumerate(names):
        skipped = name in fed if name is not None else skipped
        if every or not skipped:
            yield place
