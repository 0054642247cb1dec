"""Every instance of every body of a UI workflow: the tree that subgraphs and group nodes make.

An instance (a Scope) knows where it stands, so that links can be followed out of it and into it. Values that were
promoted to an instance are handed down here, whatever the version of the page that wrote them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from limner.graph.errors import DocumentError
from limner.graph.node_type import NodeType
from limner.graph.ui.definitions import Body, read_body, read_subgraphs
from limner.graph.ui.groups import group_body, group_name, read_groups
from limner.graph.ui.nodes import UiNode
from limner.graph.ui.places import Place
from limner.graph.ui.widgets import by_name, share

MOST_NODES = 100_000
"""Nodes of a workflow with all its instances."""

DEEPEST = 50
"""Instances inside instances."""

_OWN = "-1"
_DISPLAY = "$$"


@dataclass(frozen=True, eq=False)
class Scope:
    """One instance of a body.

    Attributes:
        prefix: What the ids of its nodes begin with: ``12:3:``.
        body: What it is an instance of.
        nodes: Its nodes by id, with the values that the instance gives them.
        values: Values of its inputs that are widgets, by input name.
        host: The node that stands for it, or None for the document itself.
        outer: Where that node stands.
        inner: The instances that stand in it, by node id.
    """

    prefix: str
    body: Body
    nodes: Mapping[str, UiNode]
    values: Mapping[str, Any] = field(default_factory=dict)
    host: UiNode | None = None
    outer: "Scope | None" = None
    inner: dict[str, "Scope"] = field(default_factory=dict)

    @cached_property
    def host_links(self) -> Mapping[str, Any]:
        """What the instance's inputs are linked to outside, by name; those without a link are left out."""
        if self.host is None:
            return {}
        entries, ports = self.host.inputs, self.body.inputs
        by_place = zip((port.name for port in ports), entries, strict=True) if len(entries) == len(ports) else ()
        named = ((str(entry.get("name")), entry) for entry in reversed(entries))
        return {name: entry["link"] for name, entry in (*by_place, *named) if isinstance(entry.get("link"), int | str)}

    def path(self) -> Iterator["Scope"]:
        """Itself and everything around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer


def read_instances(document: Mapping[str, Any], kinds: Mapping[str, NodeType]) -> Scope:
    """Reads a workflow with all its instances.

    Raises:
        DocumentError: if something cannot be read, contains itself, or is too large.
    """
    subgraphs, groups = read_subgraphs(document), read_groups(document)
    body = read_body(document)
    root = Scope("", body, body.nodes)
    count = len(root.nodes)
    waiting = [root]
    while waiting:
        scope = waiting.pop()
        for node in scope.nodes.values():
            found = None if node.stands_aside else _body_of(node, subgraphs, groups, kinds)
            if found is None:
                continue
            _refuse_endless(scope, node, found)
            scope.inner[node.id] = inner = _instance(scope, node, found)
            count += len(inner.nodes) + (len(inner.body.links) + len(inner.body.inputs)) // 4
            if count > MOST_NODES:
                raise DocumentError(
                    f"With all its subgraphs this workflow has over {MOST_NODES} nodes, the most allowed."
                )
            waiting.append(inner)
    return root


def running_nodes(root: Scope) -> Iterator[tuple[Scope, UiNode]]:
    """Every node that runs and is no instance, in the document's order, with the scope in which it stands."""
    waiting = [(root, iter(root.nodes.values()))]
    while waiting:
        scope, nodes = waiting[-1]
        node = next(nodes, None)
        if node is None:
            waiting.pop()
        elif node.id in scope.inner:
            inner = scope.inner[node.id]
            waiting.append((inner, iter(inner.nodes.values())))
        elif not node.stands_aside:
            yield scope, node


def _body_of(
    node: UiNode,
    subgraphs: Mapping[str, Body],
    groups: Mapping[str, Mapping[str, Any]],
    kinds: Mapping[str, NodeType],
) -> Body | None:
    """The body that a node stands for, or None."""
    if node.type in subgraphs:
        return subgraphs[node.type]
    name = group_name(node.type)
    return group_body(node, groups[name], kinds) if name is not None and name in groups else None


def _refuse_endless(scope: Scope, node: UiNode, body: Body) -> None:
    around = [each.body.key for each in scope.path()]
    where = f"Node {scope.prefix}{node.id}"[:200]
    if body.key in around:
        raise DocumentError(f"{where} is the subgraph {body.name[:80]!r}, which contains itself.")
    if len(around) > DEEPEST:
        raise DocumentError(f"{where} is a subgraph inside {DEEPEST} others; at most that many are read.")


def _instance(outer: Scope, host: UiNode, body: Body) -> Scope:
    """The instance that a node stands for, with the node's values handed down."""
    own, below = _promoted(host, body)
    nodes = dict(body.nodes)
    for name, values in below.items():
        if name in nodes:
            nodes[name] = replace(nodes[name], given={**nodes[name].given, **values})
    return Scope(f"{outer.prefix}{host.id}:", body, nodes, own, host, outer)


def _promoted(host: UiNode, body: Body) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Values of an instance's widgets: by input name, and by inner node and widget name.

    Three generations of the page: values in the inner nodes only; a list of inner widgets (``proxyWidgets``) beside
    the values; values in the order of the inputs that feed widgets.
    """
    own: dict[str, Any] = {}
    below: dict[str, dict[str, Any]] = {}
    proxies = _proxies(host)
    ports = {port.name for port in body.inputs}
    if not proxies:
        own |= {str(name): value for name, value in _values_by_port(host, body).items() if name in ports}
    shown = [proxy for proxy in proxies if not proxy[1].startswith(_DISPLAY)]
    for proxy, value in zip(proxies if len(proxies) == len(host.values) else shown, host.values, strict=False):
        _hand_down(proxy, value, own, below)
    for name, value in ({**host.named, **host.given} if proxies else host.given).items():
        target = next((proxy for proxy in shown if proxy[1] == name), (_OWN, name))
        _hand_down(target if name not in ports else (_OWN, name), value, own, below)
    return own, below


def _hand_down(proxy: tuple[str, str], value: Any, own: dict[str, Any], below: dict[str, dict[str, Any]]) -> None:
    node, name = proxy
    if node == _OWN:
        own[name] = value
    else:
        below.setdefault(node, {})[name] = value


def _proxies(host: UiNode) -> list[tuple[str, str]]:
    """Inner node and widget name of every promoted widget."""
    written = host.properties.get("proxyWidgets")
    return [
        (str(entry[0]), str(entry[1]))
        for entry in (written if isinstance(written, list) else ())
        if isinstance(entry, list) and len(entry) >= 2
    ]


def _values_by_port(host: UiNode, body: Body) -> Mapping[str, Any]:
    named = by_name(host)
    if named is not None:
        return named
    reading = share(host.values, [Place(port.name, port.type) for port in body.promoted])
    if host.named and reading.left:
        return host.named
    return {name: value for name, value in zip(reading.names, host.values, strict=True) if name is not None}
