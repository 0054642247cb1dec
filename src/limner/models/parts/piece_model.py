"""SentencePiece models written from a table of pieces, for files that carry the table only.

Source: the published message ``ModelProto`` of SentencePiece; field numbers are its own.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

UNKNOWN_TYPE = 2


class Algorithm(IntEnum):
    """How a text is cut into pieces."""

    UNIGRAM = 1
    PAIRS = 2


@dataclass(frozen=True)
class Pieces:
    """A table of pieces.

    Attributes:
        names: By number.
        scores: The higher the sooner a piece is taken.
        types: 1 normal, 2 unknown, 3 control, 4 stands for itself, 5 unused, 6 a byte.
        algorithm: How a text is cut.
        characters: The table that folds characters, as SentencePiece stores it; empty: they stay.
        prefixed: Whether a space is put in front of a text.
        trimmed: Whether white space at the ends and in rows is folded.
    """

    names: Sequence[str]
    scores: Sequence[float]
    types: Sequence[int]
    algorithm: Algorithm
    characters: bytes = b""
    prefixed: bool = True
    trimmed: bool = True


def piece_model(pieces: Pieces) -> bytes:
    """The bytes of a SentencePiece model."""
    rows = zip(pieces.names, pieces.scores, pieces.types, strict=True)
    body = b"".join(_bytes(1, _piece(name, score, kind)) for name, score, kind in rows)
    unknown = pieces.types.index(UNKNOWN_TYPE) if UNKNOWN_TYPE in pieces.types else 0
    trained = _number(3, pieces.algorithm) + _number(4, len(pieces.names)) + _number(35, 6 in pieces.types)
    trained += _number(40, unknown) + b"".join(_number(field, -1) for field in (41, 42, 43))
    trained += _bytes(45, pieces.names[unknown].encode())
    folded = _bytes(1, b"identity") + _bytes(2, pieces.characters)
    folded += _number(3, pieces.prefixed) + _number(4, pieces.trimmed) + _number(5, 1)
    return body + _bytes(2, trained) + _bytes(3, folded)


def _piece(name: str, score: float, kind: int) -> bytes:
    return _bytes(1, name.encode()) + _key(2, 5) + struct.pack("<f", score) + _number(3, kind)


def _bytes(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value & (1 << 64) - 1)


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last byte have their highest bit set."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
