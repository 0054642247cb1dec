"""``{{name}}`` in the texts of a workflow: a field of requests. ``{{name=default}}`` says what it is otherwise.

A text that is nothing but one placeholder takes a value of its socket's type; within a text, values become text.
"""

import re
from collections.abc import Mapping
from typing import Any

from limner.graph.graph import Graph
from limner.graph.prompts import Place

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*(?:=([^{}]{0,2000}))?\}\}")

_BARE = re.compile(r'([:\[,]\s*)(\{\{\s*[A-Za-z_][A-Za-z0-9_]{0,63}\s*(?:=[^{}"]{0,200})?\}\})(?=\s*[,\]}])')


def quoted(text: str) -> str:
    """JSON in which placeholders may stand as bare values (``"width": {{width}}``), as JSON."""
    return _BARE.sub(r'\1"\2"', text)


def find_placeholders(graph: Graph) -> dict[str, dict[Place, str | None]]:
    """The places of every placeholder, each with the default that is written there."""
    found: dict[str, dict[Place, str | None]] = {}
    for node, used in graph.nodes.items():
        for key, value in used.inputs.items():
            for name, default in _named(value):
                places = found.setdefault(name, {})
                places[node, key] = places.get((node, key)) or default
    return found


def _named(value: Any) -> list[tuple[str, str | None]]:
    if not isinstance(value, str) or "{{" not in value:
        return []
    return [(match[1], match[2]) for match in PLACEHOLDER.finditer(value)]


def is_whole(value: Any) -> bool:
    """Whether a text is nothing but one placeholder."""
    return isinstance(value, str) and PLACEHOLDER.fullmatch(value.strip()) is not None


def has_placeholder(value: Any, name: str) -> bool:
    """Whether a text has the placeholder of that name."""
    return any(found == name for found, _ in _named(value))


def filled(text: str, values: Mapping[str, Any]) -> Any:
    """A text with its placeholders replaced; those without a value stay, since they may be meant as they are."""
    whole = PLACEHOLDER.fullmatch(text.strip())
    if whole is not None and whole[1] in values:
        return values[whole[1]]
    return PLACEHOLDER.sub(lambda match: _text(values[match[1]]) if match[1] in values else match[0], text)


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
