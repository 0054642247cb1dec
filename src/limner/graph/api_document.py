"""ComfyUI's API format: ``{id: {"class_type", "inputs", "_meta": {"title"}}}``, read and written.

A two-element list ``[node id, output number]`` is a link; a list that is a value is wrapped ``{"__value__": [...]}``.
"""

from collections.abc import Mapping
from typing import Any

from limner.graph.errors import DocumentError
from limner.graph.graph import Graph, Link, Node

WRAPPED = "__value__"


def from_document(document: Mapping[str, Any]) -> Graph:
    """Reads a document. What is merely wrong (a link of three elements, say) stays in the node for ``check`` to report.

    Raises:
        DocumentError: if it is not a mapping of nodes.
    """
    if not isinstance(document, Mapping):
        raise DocumentError(f"An API workflow is an object of nodes by id; this is a {type(document).__name__}.")
    return Graph({str(name): _node(str(name), entry) for name, entry in document.items()})


def to_document(graph: Graph) -> dict[str, Any]:
    """Writes a graph; ``from_document`` gives it back."""
    return {name: _entry(node) for name, node in graph.nodes.items()}


def _node(name: str, entry: Any) -> Node:
    if not isinstance(entry, Mapping):
        raise DocumentError(f"Node {name!r} should be an object with 'class_type' and 'inputs'; it is {entry!r:.60}.")
    inputs = entry.get("inputs")
    meta = entry.get("_meta")
    return Node(
        type=entry.get("class_type") or "",
        inputs={key: _value(value) for key, value in inputs.items()} if isinstance(inputs, Mapping) else {},
        title=meta.get("title") if isinstance(meta, Mapping) else None,
        display=entry.get("override_display_id"),
    )


def _value(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {WRAPPED}:
        return value[WRAPPED] if not isinstance(value[WRAPPED], list) else tuple(value[WRAPPED])
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int:
        return Link(value[0], value[1])
    return value


def _entry(node: Node) -> dict[str, Any]:
    entry: dict[str, Any] = {"class_type": node.type, "inputs": {k: _written(v) for k, v in node.inputs.items()}}
    if node.title is not None:
        entry["_meta"] = {"title": node.title}
    if node.display is not None:
        entry["override_display_id"] = node.display
    return entry


def _written(value: Any) -> Any:
    if isinstance(value, Link):
        return [value.source, value.output]
    if isinstance(value, tuple):
        return {WRAPPED: list(value)}
    return value
