"""Tokenizers of the ``tokenizers`` library: ``tokenizer.json``, and those that are built from other files' tables."""

from pathlib import Path

from tokenizers import Tokenizer

from limner.graph.errors import ModelFileError


class JsonTokenizer:
    """A tokenizer of the ``tokenizers`` library. Implements ``TextTokenizer``."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer

    @classmethod
    def of_text(cls, text: str, what: str) -> "JsonTokenizer":
        """Of the text of a ``tokenizer.json``.

        Raises:
            ModelFileError: if it is none.
        """
        try:
            return cls(Tokenizer.from_str(text))
        except Exception as error:  # The library raises nothing more exact than Exception.
            raise ModelFileError(f"{what} is no tokenizer ({error}). Download it again.") from error

    @classmethod
    def of_file(cls, path: Path) -> "JsonTokenizer":
        """Of a file; see ``of_text``."""
        return cls.of_text(path.read_text("utf-8", errors="replace"), path.name)

    def encode(self, text: str) -> list[int]:
        """Tokens of a text."""
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def number(self, name: str) -> int | None:
        """The number of a token by its name."""
        return self._tokenizer.token_to_id(name)

    def name_of(self, number: int) -> str:
        """A token's name."""
        return self._tokenizer.id_to_token(number) or ""
