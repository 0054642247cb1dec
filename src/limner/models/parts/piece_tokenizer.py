"""Tokenizers of SentencePiece: T5, Gemma, ChatGLM; from a file, or from bytes that other files carry.

Source: Kudo and Richardson 2018.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from limner.graph.errors import ModelFileError


class PieceTokenizer:
    """A SentencePiece model. Implements ``TextTokenizer``.

    Args:
        model: The bytes of a ``spiece.model`` or ``tokenizer.model``.
        added: Names of tokens that its network numbers behind those of the model, in order.
        what: Where it comes from, for people.

    Raises:
        ModelFileError: if the bytes are no model.
    """

    def __init__(self, model: bytes, added: Sequence[str] = (), what: str = "the tokenizer") -> None:
        from sentencepiece import SentencePieceProcessor

        self._pieces: Any = SentencePieceProcessor()
        try:
            self._pieces.LoadFromSerializedProto(model)
        except RuntimeError as error:
            raise ModelFileError(f"{what} is no SentencePiece model ({error}). Download it again.") from error
        count = self._pieces.GetPieceSize()
        self._added: Mapping[str, int] = {name: count + place for place, name in enumerate(added)}

    def encode(self, text: str) -> list[int]:
        """Tokens of a text; names of special tokens in it are those tokens."""
        if not self._special:
            return self._pieces.EncodeAsIds(text)
        numbers: list[int] = []
        for part in re.split(self._pattern, text):
            special = self._special.get(part)
            numbers += [special] if special is not None else self._pieces.EncodeAsIds(part) if part else []
        return numbers

    def number(self, name: str) -> int | None:
        """The number of a token by its name."""
        if name in self._added:
            return self._added[name]
        found = self._pieces.PieceToId(name)
        return found if found != self._pieces.unk_id() or name == self._pieces.IdToPiece(found) else None

    def name_of(self, number: int) -> str:
        """A token's name."""
        if 0 <= number < self._pieces.GetPieceSize():
            return self._pieces.IdToPiece(number)
        return next((name for name, added in self._added.items() if added == number), "")

    @cached_property
    def _special(self) -> Mapping[str, int]:
        """Tokens that stand for themselves in a text: control symbols with names of their own, and added ones."""
        pieces = self._pieces
        controls = {pieces.IdToPiece(n): n for n in range(pieces.GetPieceSize()) if pieces.IsControl(n)}
        return {**{name: n for name, n in controls.items() if len(name) > 1}, **self._added}

    @cached_property
    def _pattern(self) -> str:
        longest_first = sorted(self._special, key=len, reverse=True)
        return f"({'|'.join(re.escape(name) for name in longest_first)})"
