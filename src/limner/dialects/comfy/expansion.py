"""Texts with choices and wildcards in a graph, drawn before it is queued, so that pictures tell what was drawn.

A client asks for it (``extra_data.limner.expand``): other clients mean what they write.
"""

from collections.abc import Callable, Mapping
from typing import Any

from limner.graph.catalog import Catalog
from limner.graph.errors import GraphError, StepError
from limner.graph.graph import Graph, Node
from limner.graph.problem import Problem
from limner.graph.prompts import find_prompts

OWN, EXPAND = "limner", "expand"

Draw = Callable[[str, int], str]
"""A text and a seed to the text that they give."""


def asks_expansion(extra: Mapping[str, Any]) -> bool:
    """Whether a client wants its texts drawn."""
    own = extra.get(OWN)
    return isinstance(own, Mapping) and own.get(EXPAND) is True


def expanded(graph: Graph, catalog: Catalog, draw: Draw) -> Graph:
    """The graph with its texts drawn by the seed of its first walk.

    Raises:
        GraphError: if a text names a wildcard that is not there; says at which node.
    """
    seeds = find_prompts(graph, catalog).seeds
    first = graph.nodes[seeds[0][0]].inputs[seeds[0][1]] if seeds else 0
    seed = first if isinstance(first, int) else 0
    nodes = graph.nodes.items()
    return Graph({name: _drawn(name, node, catalog, lambda text: draw(text, seed)) for name, node in nodes})


def _drawn(name: str, node: Node, catalog: Catalog, draw: Callable[[str], str]) -> Node:
    kind = catalog.nodes.get(node.type)
    changed: dict[str, Any] = {}
    for entry in kind.inputs if kind else ():
        text = node.inputs.get(entry.name)
        if entry.options.get("dynamicPrompts") and isinstance(text, str) and _has_choices(text):
            try:
                changed[entry.name] = draw(text)
            except StepError as error:
                raise _refused(name, node, entry.name, str(error)) from error
    if not changed:
        return node
    return Node(type=node.type, inputs={**node.inputs, **changed}, title=node.title, display=node.display)


def _has_choices(text: str) -> bool:
    return "__" in text or "{" in text


def _refused(name: str, node: Node, key: str, why: str) -> GraphError:
    problem = Problem(
        code="unknown_wildcard",
        message="A text cannot be drawn.",
        details=f"{node.title or node.type} (node {name}), {key}: {why}",
        node=name,
        extra={"input_name": key},
    )
    return GraphError(f"{node.type}: {why}", [problem])
