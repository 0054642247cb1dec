"""Answers against patterns: what may differ from run to run is written as a placeholder.

``<uuid> <int> <number> <time> <str> <bool> <list> <dict> <any>`` stand for values of that kind, ``<job=uuid>`` also
remembers it, ``$job`` is what was remembered, ``~...~`` is a regular expression for a whole text. A mapping with the
key ``...`` may have more keys than are written; a list whose last item is ``...`` may go on.
"""

from __future__ import annotations

import math
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

KINDS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "uuid": lambda value: isinstance(value, str) and str(uuid.UUID(value)) == value,
    "int": lambda value: type(value) is int,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
    "time": lambda value: isinstance(value, int | float) and abs(value / 1000 - time.time()) < 3600,
    "seconds": lambda value: isinstance(value, int | float) and abs(value - time.time()) < 3600,
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, dict),
    "hex": lambda value: isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32,64}", value) is not None,
}

_PLACEHOLDER = re.compile(r"<(?:(\w+)=)?(\w+)>")


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """A value with what was remembered put in place of ``$name``."""
    if isinstance(value, str):
        if value.startswith("$") and value[1:] in known:
            return known[value[1:]]
        return re.sub(r"\$\{(\w+)\}", lambda found: str(known[found[1]]), value)
    if isinstance(value, Mapping):
        return {filled(key, known): filled(inner, known) for key, inner in value.items()}
    return [filled(inner, known) for inner in value] if isinstance(value, list) else value


def differences(pattern: Any, value: Any, known: dict[str, Any], place: str = "") -> list[str]:
    """Where a value is not what the pattern asks for. Fills ``known``."""
    if isinstance(pattern, str):
        return _text(pattern, value, known, place)
    if isinstance(pattern, dict):
        return _mapping(pattern, value, known, place)
    if isinstance(pattern, list):
        return _list(pattern, value, known, place)
    same = isinstance(pattern, bool) == isinstance(value, bool)
    return [] if same and pattern == value else [f"{place or 'it'}: expected {pattern!r}, came {value!r}"]


def _text(pattern: str, value: Any, known: dict[str, Any], place: str) -> list[str]:
    placeholder = _PLACEHOLDER.fullmatch(pattern)
    if placeholder is not None and placeholder[2] in KINDS:
        name, kind = placeholder.groups()
        try:
            fits = KINDS[kind](value)
        except (ValueError, AttributeError, TypeError):
            fits = False
        if name and fits:
            known[name] = value
        return [] if fits else [f"{place}: expected {pattern}, came {value!r}"]
    if len(pattern) > 1 and pattern[0] == pattern[-1] == "~":
        fits = isinstance(value, str) and re.fullmatch(pattern[1:-1], value, re.DOTALL) is not None
        return [] if fits else [f"{place}: expected {pattern}, came {value!r}"]
    wanted = filled(pattern, known)
    return [] if wanted == value else [f"{place or 'it'}: expected {wanted!r}, came {value!r}"]


def _mapping(pattern: dict[str, Any], value: Any, known: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place or 'it'}: expected an object, came {value!r}"]
    wanted = {filled(key, known): inner for key, inner in pattern.items() if key != "..."}
    found = [f"{place}.{key}: missing" for key in wanted if key not in value]
    if "..." not in pattern:
        found += [f"{place}.{key}: not expected ({value[key]!r})" for key in value if key not in wanted]
    for key, inner in wanted.items():
        if key in value:
            found += differences(inner, value[key], known, f"{place}.{key}")
    return found


def _list(pattern: list[Any], value: Any, known: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{place or 'it'}: expected a list, came {value!r}"]
    wanted = pattern[:-1] if pattern and pattern[-1] == "..." else pattern
    if len(value) != len(wanted) and (wanted is pattern or len(value) < len(wanted)):
        return [f"{place or 'it'}: expected {len(wanted)} items, came {len(value)}: {value!r}"]
    return [
        line
        for index, (inner, item) in enumerate(zip(wanted, value, strict=False))
        for line in differences(inner, item, known, f"{place}[{index}]")
    ]
