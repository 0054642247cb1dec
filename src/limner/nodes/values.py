"""Numbers, texts and switches as nodes, and a look at any value."""

import json
from typing import Annotated, Any

from limner.graph.declare import NodeResult, Number, Text, node
from limner.nodes.sockets import ANYTHING
from limner.nodes.strings import bounded

LARGEST = 2**63 - 1
PRIMITIVE = "utils/primitive"


@node(name="PrimitiveInt", title="Int", category=PRIMITIVE)
def primitive_int(
    *, value: Annotated[int, Number(min=-LARGEST, max=LARGEST, options={"control_after_generate": True})]
) -> int:
    """A whole number, for several inputs at once."""
    return value


@node(name="PrimitiveFloat", title="Float", category=PRIMITIVE)
def primitive_float(*, value: Annotated[float, Number(min=-LARGEST, max=LARGEST)]) -> float:
    """A number, for several inputs at once."""
    return value


@node(name="PrimitiveString", title="String", category=PRIMITIVE)
def primitive_string(*, value: Annotated[str, Text(options={"multiline": False})]) -> str:
    """A line of text, for several inputs at once."""
    return value


@node(name="PrimitiveStringMultiline", title="String (Multiline)", category=PRIMITIVE)
def primitive_string_multiline(*, value: Annotated[str, Text(multiline=True)]) -> str:
    """A text of several lines, for several inputs at once."""
    return value


@node(name="PrimitiveBoolean", title="Boolean", category=PRIMITIVE)
def primitive_boolean(*, value: bool) -> bool:
    """A switch, for several inputs at once."""
    return value


@node(name="StringConcatenate", title="Concatenate", category="utils/string")
def string_concatenate(
    *,
    string_a: Annotated[str, Text(multiline=True)],
    string_b: Annotated[str, Text(multiline=True)],
    delimiter: Annotated[str, Text(options={"multiline": False})] = "",
) -> str:
    """Two texts as one, with something between them."""
    bounded(len(string_a) + len(delimiter) + len(string_b))
    return delimiter.join((string_a, string_b))


@node(name="PreviewAny", title="Preview Any", category="utils", output=True)
def preview_any(*, source: ANYTHING) -> NodeResult:
    """Shows any value as text: as JSON where that is possible."""
    return NodeResult(ui={"text": [_as_text(source)]})


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, str | int | float):
        return str(value)
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return str(value)
