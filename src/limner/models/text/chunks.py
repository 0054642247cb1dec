"""Cuts tokens into the stretches that a CLIP text encoder can read, without tearing short words apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from torch import Tensor

from limner.models.parts.clip_text import END, START

LENGTH = 77
"""Tokens that the encoder reads at once, start and end included."""

UNBROKEN = 8
"""Stretches of fewer tokens are not torn apart."""


@dataclass(frozen=True)
class Token:
    """A token number, or a learned vector [d] in its place; with its weight."""

    value: int | Tensor
    weight: float = 1.0


Chunk = Sequence[Token]


def chunk(stretches: Iterable[Sequence[Token]], padding: int) -> list[list[Token]]:
    """Chunks of 77 tokens, each with start and end.

    Args:
        stretches: Tokens that belong together: the text between two changes of weight, or one embedding.
        padding: The token that fills a chunk behind its end.

    Returns:
        At least one chunk.
    """
    chunks: list[list[Token]] = [[]]
    room = LENGTH - 2
    for stretch in stretches:
        rest = list(stretch)
        while rest:
            left = room - len(chunks[-1])
            if len(rest) <= left:
                chunks[-1] += rest
                break
            if len(rest) >= UNBROKEN:
                chunks[-1] += rest[:left]
                rest = rest[left:]
            chunks.append([])
    return [_closed(tokens, padding) for tokens in chunks]


def _closed(tokens: Sequence[Token], padding: int) -> list[Token]:
    filled = [Token(START), *tokens, Token(END)]
    return filled + [Token(padding)] * (LENGTH - len(filled))


def empty_chunk(padding: int) -> list[Token]:
    """The chunk of an empty prompt."""
    return _closed((), padding)
