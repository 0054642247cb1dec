"""Turns the constants of a document into the types that inputs declare, by ComfyUI's rules.

The rules are Python's own constructors, odd corners included: ``"16"`` is an INT, so is 8.9 (it becomes 8), and the
text ``"false"`` is a true BOOLEAN. Numbers that are not finite are refused: JSON cannot hold them, and nothing can be
drawn with them. Limits and choices are not looked at here.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

_CONSTRUCTORS: Mapping[str, Callable[[Any], Any]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}

_LONGEST = 1000


class CoercionError(ValueError):
    """A constant that its type's constructor refuses. The message is the constructor's."""


def coerce(kind: str, value: Any) -> Any:
    """The value as an input of type ``kind`` gets it. Other types than the four plain ones take everything as it is.

    Raises:
        CoercionError: if it cannot be converted.
    """
    constructor = _CONSTRUCTORS.get(kind)
    if constructor is None:
        return value
    try:
        if type(value) is not constructor:
            value = constructor(list(value) if isinstance(value, tuple) else value)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise CoercionError(str(error)) from error
    if isinstance(value, float) and not math.isfinite(value):
        raise CoercionError(f"not a finite number: {value}")
    return value


def shown(value: Any) -> str:
    """A value as a message shows it: its text, cut if it is long."""
    try:
        text = str(value)
    except (ValueError, RecursionError):  # an int of 5000 digits, a list 900 deep
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def echoed(value: Any) -> Any:
    """A value as a report may carry it back as JSON: itself, or its text where it is large."""
    if value is None or isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 64 else shown(value)
    text = shown(value)
    if isinstance(value, str) or len(text) > _LONGEST:
        return text
    return list(value) if isinstance(value, tuple) else value
