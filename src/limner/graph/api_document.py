"""ComfyUI's API format: ``{id: {"class_type", "inputs", "_meta": {"title"}}}``, read and written.

A two-element list ``[node id, output number]`` is a link; a list that is a value is wrapped ``{"__value__": [...]}``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from limner.graph.errors import DocumentError
from limner.graph.graph import Graph, Link, Node

WRAPPED = "__value__"

NO_INPUTS: Mapping[str, Any] = MappingProxyType({})
"""The inputs of a node that was written without any, so that ``check`` can tell it from one that needs none."""


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
        raise DocumentError(f"Node {name!r} should be an object with 'class_type' and 'inputs'; it is {_short(entry)}.")
    meta = entry.get("_meta")
    return Node(
        type=_text(entry.get("class_type")) or "",
        inputs=_inputs(entry.get("inputs")),
        title=_text(meta.get("title")) if isinstance(meta, Mapping) else None,
        display=_text(entry.get("override_display_id")),
    )


def _inputs(written: Any) -> Mapping[str, Any]:
    """The inputs of a node. A list counts as written but empty, because some clients are in PHP."""
    if isinstance(written, Mapping):
        return {str(key): read_value(value) for key, value in written.items()}
    return {} if isinstance(written, list) else NO_INPUTS


def read_value(value: Any) -> Any:
    """The value of an input as a Node holds it: a Link, an unwrapped constant, or what came."""
    if isinstance(value, Mapping) and WRAPPED in value:
        inner = value[WRAPPED]
        return tuple(inner) if isinstance(inner, list) else inner
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
        return Link(value[0], int(value[1]))
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _short(value: Any) -> str:
    """What a value looks like, in a few words. A container's ``repr`` may be endless or too deep."""
    return f"a {type(value).__name__}" if isinstance(value, Mapping | list) else f"{value!r:.60}"


def _entry(node: Node) -> dict[str, Any]:
    entry: dict[str, Any] = {"class_type": node.type, "inputs": {k: _written(v) for k, v in node.inputs.items()}}
    if node.inputs is NO_INPUTS:
        del entry["inputs"]
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
    return {WRAPPED: value} if isinstance(value, Mapping) and WRAPPED in value else value
