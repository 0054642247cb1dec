"""CLIP's tokenizer (byte-pair encoding), for captions, and the rows of the small token table.

The merges are OpenAI's `bpe_simple_vocab_16e6.txt.gz` (MIT), found for example in the package clip-anytorch.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import pathlib
import re

import numpy as np

START, END, COUNT, LENGTH = 49406, 49407, 49408, 77
MERGES = 48894
_WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+|_+", re.IGNORECASE)


def _byte_symbols() -> dict[int, str]:
    """A printable character for every byte, as CLIP's vocabulary orders them."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}


class Tokenizer:
    """Turns captions into 77 token numbers.

    Args:
        path: The file of merges.
    """

    def __init__(self, path: pathlib.Path) -> None:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")[1 : MERGES + 1]
        pairs = [tuple(line.split()) for line in lines]
        self._bytes = _byte_symbols()
        symbols = list(self._bytes.values())
        vocabulary = [*symbols, *(symbol + "</w>" for symbol in symbols), *("".join(pair) for pair in pairs)]
        self._numbers = {word: number for number, word in enumerate(vocabulary)}
        self._ranks = {pair: rank for rank, pair in enumerate(pairs)}
        self.word = functools.lru_cache(maxsize=None)(self._word)

    def _word(self, word: str) -> tuple[int, ...]:
        """Token numbers of one word."""
        parts = [self._bytes[byte] for byte in word.encode("utf-8")]
        parts[-1] += "</w>"
        while len(parts) > 1:
            ranked = [
                (self._ranks.get((a, b), MERGES), place) for place, (a, b) in enumerate(itertools.pairwise(parts))
            ]
            rank, place = min(ranked)
            if rank == MERGES:
                break
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        return tuple(self._numbers[part] for part in parts)

    def __call__(self, caption: str) -> np.ndarray:
        """int32 [77]: start, the caption's tokens, and the end token up to the end."""
        numbers = [number for word in _WORDS.findall(caption.lower()) for number in self.word(word)]
        result = np.full(LENGTH, END, np.int32)
        result[0] = START
        result[1 : 1 + len(numbers[: LENGTH - 2])] = numbers[: LENGTH - 2]
        return result


def rows_of(tokens: np.ndarray) -> np.ndarray:
    """Gives every token of the captions a row of the small table.

    Args:
        tokens: Token numbers of all captions.

    Returns:
        int32 [49408]: the row of each token; row 0 is for all tokens that no caption has.
    """
    used = np.unique(np.append(tokens.ravel(), [START, END]))
    rows = np.zeros(COUNT, np.int32)
    rows[used] = np.arange(1, len(used) + 1)
    return rows
