"""Prompts cut into tokens: weights read, learned embeddings put in their places."""

import logging
from collections.abc import Iterator, Sequence

from torch import Tensor

from limner.models.text.chunks import Token
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.prompt import EMBEDDING, EmbeddingName, Segment, pieces, segments
from limner.models.text.reading import TextBranch

logger = logging.getLogger(__name__)


def stretches(branch: TextBranch, text: str, find: FindEmbedding) -> Iterator[list[Token]]:
    """Tokens that belong together: the text between two changes of weight, or one embedding."""
    for segment in segments(text):
        for values in _values(branch, segment, find):
            yield [Token(value, segment.weight) for value in values]


def whole(branch: TextBranch, text: str) -> list[Token]:
    """A text's tokens as it stands, whatever its characters mean elsewhere."""
    return [Token(number) for number in branch.tokenizer.encode(text)]


def tokens_of(branch: TextBranch, text: str, find: FindEmbedding, front: str = "", back: str = "") -> list[Token]:
    """A text's tokens in one row, between two texts that are taken as they stand.

    White space at the text's ends stays, if nothing in it has a weight or a name.
    """
    cut = segments(text)
    if EMBEDDING not in text and len(cut) < 2 and all(segment.weight == 1.0 for segment in cut):
        plain = "".join((front, *(segment.text for segment in cut), back))
        return whole(branch, plain) if plain else []
    inner = [token for stretch in stretches(branch, text, find) for token in stretch]
    before, after = (whole(branch, part) if part else [] for part in (front, back))
    return [*before, *inner, *after]


def _values(branch: TextBranch, segment: Segment, find: FindEmbedding) -> Iterator[Sequence[int] | Tensor]:
    for piece in pieces(segment.text):
        if isinstance(piece, EmbeddingName):
            yield from _learned(branch, piece.name, find)
        else:
            yield _words(branch, piece)


def _words(branch: TextBranch, text: str) -> list[int]:
    return branch.tokenizer.encode(text) if text else []


def _learned(branch: TextBranch, name: str, find: FindEmbedding) -> list[Sequence[int] | Tensor]:
    """The vectors [n d] of an embedding if it can be had, and the commas that stood behind its name."""
    found = find(name)
    commas: list[int] = []
    if found is None and name.rstrip(",") != name:
        commas = _words(branch, name[len(name.rstrip(",")) :])
        found = find(name.rstrip(","))
    if found is None:
        logger.warning("There is no embedding named %r; it is left out of the prompt.", name)
        return [commas]
    vectors = found.of(branch.name)
    width = branch.network.blueprint.facts["width"]
    if vectors is None:
        logger.warning("%s has vectors for %s, none for %s.", found.file, ", ".join(found.vectors), branch.name)
        return [commas]
    if vectors.shape[1] != width:
        told = (found.file, vectors.shape[1], branch.name, width)
        logger.warning("%s has vectors of length %s, %s needs %s: it is made for another model, and left out.", *told)
        return [commas]
    return [vectors, commas]
