"""Nodes of ComfyUI's page in a prompt: programs that convert UI workflows by themselves leave them in.

Notes are dropped, reroutes are led around, and what a primitive holds is put where it is used. A prompt without such
nodes comes back as it is.
"""

from collections.abc import Mapping
from typing import Any

from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import NodeType
from limner.graph.ui.virtual import PRIMITIVE, is_virtual, passes


def without_page_nodes(graph: Graph, kinds: Mapping[str, NodeType]) -> Graph:
    """The graph without the nodes that only the page has, unless a type of that name is known.

    A link that ends at one is removed, so that the check names the input that it leaves empty.
    """
    extra = {name for name, node in graph.nodes.items() if node.type not in kinds and is_virtual(node.type)}
    if not extra:
        return graph
    nodes = {name: _without(node, graph, extra) for name, node in graph.nodes.items() if name not in extra}
    return Graph(nodes)


def _without(node: Node, graph: Graph, extra: set[str]) -> Node:
    """The node with its links followed through what is left out."""
    led = {name: _origin(link, graph, extra) for name, link in node.links() if link.source in extra}
    if not led:
        return node
    inputs: dict[str, Any] = {name: value for name, value in node.inputs.items() if name not in led}
    inputs |= {name: value for name, value in led.items() if value is not None}
    return Node(type=node.type, inputs=inputs, title=node.title, display=node.display)


def _origin(link: Link, graph: Graph, extra: set[str]) -> Any:
    """What stands behind the page's nodes: a link, a constant, or None."""
    seen: set[str] = set()
    while link.source in extra and link.source not in seen:
        seen.add(link.source)
        node = graph.nodes[link.source]
        if node.type == PRIMITIVE:
            return next((value for value in node.inputs.values() if not isinstance(value, Link)), None)
        before = next((found for _, found in node.links()), None) if passes(node.type) else None
        if before is None:
            return None
        link = before
    return None if link.source in extra else link
