"""The graph of an app with the values of a request in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.dialects.apps.placeholders import filled, has_placeholder
from limner.dialects.apps.records import AppInput
from limner.graph.graph import Graph, Node


def build(graph: Graph, inputs: Sequence[AppInput], values: Mapping[str, Any]) -> Graph:
    """The graph that is to run. Placeholders without a value stay as they are written.

    Args:
        graph: The app's workflow.
        inputs: What it asks for.
        values: By name of the input.
    """
    changed = {name: dict(node.inputs) for name, node in graph.nodes.items()}
    for entry in inputs:
        if entry.name not in values:
            continue
        for node, key in entry.places:
            if not has_placeholder(changed[node].get(key), entry.name):
                changed[node][key] = values[entry.name]
    nodes = {name: _filled(graph.nodes[name], found, values) for name, found in changed.items()}
    return Graph(nodes)


def _filled(node: Node, inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Node:
    """A node with the placeholders of its own texts filled; what a value brings is never read as one."""
    whole = {
        key: filled(value, values) if isinstance(value, str) and value == node.inputs.get(key) else value
        for key, value in inputs.items()
    }
    return Node(type=node.type, inputs=whole, title=node.title, display=node.display)
