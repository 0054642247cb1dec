"""Titles of nodes that name inputs: ``$prompt`` or ``input: prompt``; and outputs: ``output: result``.

The title says which input of the node is meant: by its name (``$steps`` on a sampler), after a dot
(``$picture_width.width``), or else the node's main value: its text, its picture, its only number. Several are
separated by commas: ``$width, $height``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from limner.graph.catalog import Catalog
from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import VALUE_TYPES
from limner.graph.prompts import Place

_MARK = re.compile(r"\s*(?:input\s*:|\$)\s*(.+)", re.IGNORECASE | re.DOTALL)
_OUTPUT = re.compile(r"\s*output\s*(?::.*)?", re.IGNORECASE | re.DOTALL)

_MAIN = ("text", "prompt", "image", "value", "string", "seed", "noise_seed", "int", "float", "number", "ckpt_name")
"""Inputs that are a node's main value, the first that it has."""

MOST = 20
"""Inputs that one title may name."""


class Titled(NamedTuple):
    """An input that a title names, and how people write it."""

    name: str
    place: Place
    written: str


def find_titled(graph: Graph, catalog: Catalog) -> Iterator[Titled]:
    """The inputs that titles of nodes name."""
    for node, used in graph.nodes.items():
        match = _MARK.fullmatch(used.title or "")
        for written in match[1].split(",")[:MOST] if match else ():
            text, _, key = written.strip().lstrip("$").partition(".")
            name = field_name(text) or f"input_{node}"
            place = _input(used, catalog, key.strip() or text.strip(), strict=bool(key))
            if place is not None:
                yield Titled(name, (node, place), text.strip())


def titled_outputs(graph: Graph) -> tuple[str, ...]:
    """The nodes whose titles say that they are outputs."""
    return tuple(name for name, node in graph.nodes.items() if node.title and _OUTPUT.fullmatch(node.title))


def field_name(text: str) -> str:
    """A title as the name of a field: ``Product name`` is ``product_name``."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower()[:60]
    return f"_{name}" if name[:1].isdigit() else name


def _input(node: Node, catalog: Catalog, wanted: str, *, strict: bool) -> str | None:
    """The input of a node that a title means, or None if it has no such constant."""
    constants = _constants(node, catalog)
    for key in (wanted, field_name(wanted)):
        if key in constants:
            return key
    if strict:
        return None
    return next((key for key in _MAIN if key in constants), next(iter(constants), None))


def _constants(node: Node, catalog: Catalog) -> Mapping[str, Any]:
    """The inputs of a node that are typed in, whether they are written in the document or not."""
    kind = catalog.nodes.get(node.type)
    declared = {entry.name: None for entry in (kind.inputs if kind else ()) if entry.type in VALUE_TYPES}
    return {key: None for key in {**node.inputs, **declared} if not isinstance(node.inputs.get(key), Link)}
