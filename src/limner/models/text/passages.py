"""Prompts that were read by another syntax, encoded: each passage in stretches of its own, embeddings by mere words."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from limner.models.text.chunks import Token
from limner.models.text.embeddings import Embedding, FindEmbedding
from limner.models.text.encoder import TextEncoder
from limner.models.text.prompt import EMBEDDING, Segment
from limner.models.text.weights import Weigh

HARD_SPACE = "\u00a0"
"""Stands in names for the space, at which they would end."""


@dataclass(frozen=True)
class EmbeddingWords:
    """Finds names of embeddings among words, whatever their case.

    Attributes:
        files: Names of files, by the word that means them.
    """

    files: Mapping[str, str]

    @classmethod
    def of(cls, names: Iterable[str]) -> "EmbeddingWords":
        """Those of files: by their names with and without suffix, with and without folders."""
        files: dict[str, str] = {}
        for name in sorted(names):
            path = PurePosixPath(name.replace("\\", "/").lower())
            for word in (path.with_suffix(""), path, path.stem, path.name):
                files.setdefault(str(word), name)
        return cls(files)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        words = sorted(map(re.escape, self.files), key=len, reverse=True)
        return re.compile(rf"(?<![\w:/.-])(?:{'|'.join(words)})(?![\w/-])", re.IGNORECASE) if words else None

    def called(self, text: str) -> str:
        """A text whose words that name embeddings call them."""
        return text if self._pattern is None else self._pattern.sub(_call, text)

    def found_by(self, find: FindEmbedding) -> Callable[[str], Embedding | None]:
        """Looks up what ``called`` calls, and whatever else can be found."""

        def look_up(name: str) -> Embedding | None:
            word = name.replace(HARD_SPACE, " ")
            return find(self.files.get(word.lower(), word))

        return look_up


def _call(word: re.Match[str]) -> str:
    return f" {EMBEDDING}{word[0].replace(' ', HARD_SPACE)} "


def encoded(
    encoder: TextEncoder, passages: Sequence[Sequence[Segment]], words: EmbeddingWords, weigh: Weigh
) -> list[list[Any]]:
    """The conditioning of passages, one behind the other.

    Encoders that read stretches of a fixed length begin a new one with each passage; the others read one text.

    Args:
        encoder: Reads them.
        passages: At least one.
        words: Which words are embeddings.
        weigh: What weights do.
    """
    changed = encoder.with_branches(lambda branch: replace(branch, weigh=weigh))
    changed = replace(changed, find_embedding=words.found_by(encoder.find_embedding))
    texts = [_written(passage, words) for passage in passages]
    rows = [changed.chunks(text) for text in texts]
    joined: dict[str, list[list[Token]]] = {}
    if len(texts) == 1:
        joined = rows[0]
    else:
        whole = changed.chunks(" ".join(texts))
        fillers = {branch.name: branch.reading.filler() for branch in changed.branches}
        for name, filler in fillers.items():
            joined[name] = whole[name] if filler is None else _side_by_side(name, rows, fillers)
    return changed.encode_chunks(joined)


def _side_by_side(
    name: str, rows: Sequence[Mapping[str, list[list[Token]]]], fillers: Mapping[str, list[Token] | None]
) -> list[list[Token]]:
    """One encoder's stretches of all passages; each passage has as many as the encoder that needs most for it."""
    filler = fillers[name]
    assert filler is not None  # the caller saw to it
    joined: list[list[Token]] = []
    for row in rows:
        most = max(len(row[other]) for other, known in fillers.items() if known is not None)
        joined += [*row[name], *[filler] * (most - len(row[name]))]
    return joined


def _written(passage: Sequence[Segment], words: EmbeddingWords) -> str:
    """A passage in the syntax that encoders read."""
    return "".join(_marked(segment, words) for segment in passage)


def _marked(segment: Segment, words: EmbeddingWords) -> str:
    text = words.called(segment.text).replace("(", "\\(").replace(")", "\\)")
    return text if segment.weight == 1.0 or not text.strip() else f"({text}:{segment.weight!r})"
