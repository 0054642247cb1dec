"""The tokenizer of ByT5, which needs no file: a token for each byte of UTF-8.

Source: Xue et al. 2022, "ByT5: towards a token-free future with pre-trained byte-to-byte models", section 3.2.
"""

from collections.abc import Mapping

SPECIAL: Mapping[str, int] = {"<pad>": 0, "</s>": 1, "<unk>": 2}
BYTES = 256


class ByteTokenizer:
    """Implements ``TextTokenizer``. Names of special tokens in a text are text, as it may be written in a picture."""

    def encode(self, text: str) -> list[int]:
        """A token for each byte."""
        return [byte + len(SPECIAL) for byte in text.encode()]

    def number(self, name: str) -> int | None:
        """The number of a special token, or of a character of one byte."""
        bytes_of = name.encode()
        return SPECIAL.get(name, bytes_of[0] + len(SPECIAL) if len(bytes_of) == 1 else None)

    def name_of(self, number: int) -> str:
        """A special token's name, or a byte's character where it is one."""
        byte = number - len(SPECIAL)
        if byte < 0:
            return next((name for name, own in SPECIAL.items() if own == number), "")
        return chr(byte) if byte < BYTES // 2 else ""
