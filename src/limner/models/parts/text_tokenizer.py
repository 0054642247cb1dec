"""What text encoders need of a tokenizer, whatever file it comes from."""

from typing import Protocol


class TextTokenizer(Protocol):
    """Text to token numbers and back."""

    def encode(self, text: str) -> list[int]:
        """Tokens of a text, nothing added before or behind. Names of special tokens in it are those tokens."""
        ...

    def number(self, name: str) -> int | None:
        """The number of a token by its name; None if there is none."""
        ...

    def name_of(self, number: int) -> str:
        """A token's name; empty if there is none."""
        ...
