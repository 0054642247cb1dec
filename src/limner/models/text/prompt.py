r"""The prompt syntax: ``(word)``, ``(word:1.3)``, ``\(`` and ``embedding:name``. Nothing else has a meaning.

Brackets, ``BREAK`` and ``AND`` are plain words here; a dialect that gives them one translates them beforehand.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

EMPHASIS = 1.1
"""What one pair of parentheses multiplies the weight by."""

EMBEDDING = "embedding:"

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Stand for escaped parentheses while the others are read; private use, so no prompt means them."""


@dataclass(frozen=True)
class Segment:
    """Text of one weight."""

    text: str
    weight: float


@dataclass(frozen=True)
class EmbeddingName:
    """A learned embedding called by name."""

    name: str


def segments(prompt: str) -> list[Segment]:
    """A prompt cut where its weight changes.

    ``(text)`` multiplies the weight around it by 1.1; ``(text:1.3)`` sets it, whatever is around. Parentheses without
    a partner are text.
    """
    hidden = prompt.replace("\\)", _CLOSE).replace("\\(", _OPEN)
    return [
        Segment(segment.text.replace(_OPEN, "(").replace(_CLOSE, ")"), segment.weight)
        for segment in _weighted(hidden, 1.0)
    ]


def _weighted(text: str, weight: float) -> Iterator[Segment]:
    for part in _groups(text):
        if len(part) < 2 or part[0] != "(" or part[-1] != ")":
            yield Segment(part, weight)
            continue
        inner, stated = part[1:-1], weight * EMPHASIS
        before, colon, number = inner.rpartition(":")
        if colon and before:
            value = _number(number)
            stated, inner = (stated, inner) if value is None else (value, before)
        yield from _weighted(inner, stated)


def _number(text: str) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _groups(text: str) -> Iterator[str]:
    """Outermost parentheses with what they hold, and what stands between them.

    A closing parenthesis without a partner counts too, so that what follows is read as ComfyUI reads it.
    """
    depth, begin = 0, 0
    for index, character in enumerate(text):
        if character == "(":
            if depth == 0 and index > begin:
                yield text[begin:index]
                begin = index
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                yield text[begin : index + 1]
                begin = index + 1
    if begin < len(text):
        yield text[begin:]


def pieces(text: str) -> Iterator[str | EmbeddingName]:
    """A segment's text cut at ``embedding:name``; the name ends at white space.

    The word counts at the start and after a space or a newline only.
    """
    marked = text.replace("\n" + EMBEDDING, " " + EMBEDDING)
    first, *rest = (" " + marked).split(" " + EMBEDDING)
    if first.strip() or not rest:
        yield first.strip()
    for part in rest:
        name, _, following = part.lstrip().partition(" ")
        name, newline, after = name.partition("\n")
        yield EmbeddingName(name)
        remaining = f"{after} {following}" if newline else following
        if remaining.strip():
            yield remaining
