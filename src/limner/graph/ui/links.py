"""Where a link of a UI workflow really comes from.

Between two nodes that compute, a UI workflow may have any number that do not: reroutes, muted and bypassed nodes,
values set once and used elsewhere, the borders of subgraphs. ``Sources.of`` looks through them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limner.graph.graph import Link
from limner.graph.node_type import ANY, NodeType, fits
from limner.graph.ui.definitions import INPUTS
from limner.graph.ui.instances import Scope
from limner.graph.ui.nodes import BYPASSED, MUTED, UiLink, UiNode, read_constant, socket_type
from limner.graph.ui.virtual import GETTERS, PRIMITIVE, SILENT, passes


@dataclass(frozen=True)
class Constant:
    """A value that a primitive node, or an instance of a subgraph, holds for the inputs it is linked to."""

    value: Any


@dataclass(frozen=True)
class _Nothing:
    """The end of a link that leads nowhere."""


Source = Link | Constant | None
_NOWHERE = _Nothing()
_Step = tuple[Scope, str]
"""A link on the way, by the scope it is in and its id."""


class Sources:
    """Follows links. Each is followed once; what was found on the way is remembered."""

    def __init__(self, kinds: Mapping[str, NodeType]) -> None:
        self._kinds = kinds
        self._known: dict[tuple[int, str], Source] = {}

    def of(self, scope: Scope, link: Any) -> Source:
        """What a link leads to: an output of a node that computes, a constant, or nothing.

        A link that leaves a subgraph and leads nowhere gives the value that the instance has instead.
        """
        passed: list[tuple[int, str]] = []
        spare: tuple[Constant, int] | None = None
        step: _Step | Source | _Nothing = (scope, str(link)) if isinstance(link, int | str) else _NOWHERE
        while isinstance(step, tuple):
            key = (id(step[0]), step[1])
            if key in self._known:
                step = self._known[key]
                break
            self._known[key] = None  # a circle ends here
            passed.append(key)
            value = _own_value(*step)
            spare = spare if value is None else (value, len(passed))
            step = self._before(*step)
        found = None if isinstance(step, _Nothing | tuple) else step
        for place, key in enumerate(passed):
            self._known[key] = spare[0] if found is None and spare and place < spare[1] else found
        return self._known[passed[0]] if passed else found

    def _before(self, scope: Scope, key: str) -> "_Step | Source | _Nothing":
        """One step back along a link."""
        link = scope.body.links.get(key)
        if link is None:
            return _NOWHERE
        if link.source == INPUTS and scope.host is not None:
            return _outside(scope, link)
        node = scope.nodes.get(link.source)
        if node is None or node.mode == MUTED:
            return _NOWHERE
        if node.mode == BYPASSED:
            return _step(scope, _bypass(node, link))
        if node.id in scope.inner:
            inner = scope.inner[node.id]
            return _step(inner, inner.body.output_links.get(link.slot))
        return Link(scope.prefix + node.id, link.slot) if node.type in self._kinds else _through(scope, node, link)


def _step(scope: Scope, link: Any) -> "_Step | _Nothing":
    return (scope, str(link)) if isinstance(link, int | str) else _NOWHERE


def _through(scope: Scope, node: UiNode, link: UiLink) -> "_Step | Source | _Nothing":
    """What stands before a node that is not known: it may be one that only the page has."""
    if node.type == PRIMITIVE:
        return Constant(read_constant(node.values[0])) if node.values else _NOWHERE
    if node.type in GETTERS:
        return _named(scope, str(node.values[0])) if node.values else _NOWHERE
    if node.type in SILENT:
        return _NOWHERE
    return _step(scope, _first_link(node)) if passes(node.type) else Link(scope.prefix + node.id, link.slot)


def _named(scope: Scope, name: str) -> "_Step | _Nothing":
    """The link that a setter gave a name to, in this drawing or in those around it."""
    for around in scope.path():
        setter = around.body.setters.get(name)
        if setter is not None:
            return _step(around, _first_link(setter))
    return _NOWHERE


def _outside(scope: Scope, link: UiLink) -> "_Step | Source | _Nothing":
    """What an input of an instance is linked to."""
    ports = scope.body.inputs
    if scope.outer is None or not 0 <= link.slot < len(ports):
        return _NOWHERE
    return _step(scope.outer, scope.host_links.get(ports[link.slot].name))


def _own_value(scope: Scope, key: str) -> Constant | None:
    """The value that an instance has for the input that a link comes from."""
    link, ports = scope.body.links.get(key), scope.body.inputs
    if link is None or link.source != INPUTS or not 0 <= link.slot < len(ports):
        return None
    name = ports[link.slot].name
    return Constant(read_constant(scope.values[name])) if name in scope.values else None


def _first_link(node: UiNode) -> Any:
    return node.inputs[0].get("link") if node.inputs else None


def _bypass(node: UiNode, link: UiLink) -> Any:
    """The link of the input that a bypassed node hands on to one of its outputs.

    The input of the same number if its type fits, else the first of exactly that type, else the first that fits.
    """
    types = [socket_type(entry.get("type")) for entry in node.inputs]
    slot = link.slot
    wanted = socket_type(node.outputs[slot].get("type")) if 0 <= slot < len(node.outputs) else link.type
    same = slot if 0 <= slot < len(types) and (wanted == ANY or fits(types[slot], wanted)) else None
    exact = next((index for index, kind in enumerate(types) if kind == wanted), None)
    near = next((index for index, kind in enumerate(types) if fits(kind, wanted)), None)
    chosen = next((index for index in (same, exact, near) if index is not None), None)
    return None if chosen is None else node.inputs[chosen].get("link")
