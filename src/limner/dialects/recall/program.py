"""What a program is that writes settings into pictures, and how its values become ours."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.graph.foreign_json import decode_foreign

Settings = dict[str, Any]
"""Values by role."""


@dataclass(frozen=True)
class Program:
    """A program that writes settings into pictures.

    Attributes:
        name: Short, as answers tell it.
        read: Settings of the texts of a file, whose keywords are in lower case; None: it did not write them.
        order: The smaller, the sooner it is asked: some write what others could take for theirs.
    """

    name: str
    read: Callable[[Mapping[str, str]], Settings | None]
    order: int = 0


def json_object(text: str | None) -> Mapping[str, Any]:
    """The object of a JSON text; empty if it is none."""
    if not text or not text.lstrip().startswith("{"):
        return {}
    try:
        value = decode_foreign(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def plain(pairs: Mapping[str, Any]) -> Settings:
    """Values that can be settings: neither absent nor of another form; numbers are finite."""
    return {role: value for role, value in pairs.items() if is_plain(value)}


def is_plain(value: Any) -> bool:
    """Whether a value can be a setting."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int) and value != ""


def number(value: Any) -> int | float | None:
    """A number, also one that is written as a text; None if it is none."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(found):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value) if len(value) < 25 else None
    return int(found) if found.is_integer() and abs(found) < 1 << 53 else found


def weighted(names: Sequence[Any], weights: Sequence[Any]) -> list[dict[str, Any]]:
    """LoRAs with their strengths, of two lists side by side; a weight that is missing is 1."""
    found = []
    for place, name in enumerate(names):
        said = number(weights[place]) if place < len(weights) else None
        if isinstance(name, str) and name:
            found.append({"name": name, "strength": 1.0 if said is None else said})
    return found
