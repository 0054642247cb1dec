"""Texts in pictures, read by the networks that the package rapidocr carries (PP-OCR, Apache-2.0)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from limner.models.extras import extra_module


@dataclass(frozen=True)
class ReadLine:
    """A piece of text in a picture.

    Attributes:
        text: What it says.
        confidence: How certain that is, 0..1.
        corners: x and y of its four corners, clockwise from the upper left one.
    """

    text: str
    confidence: float
    corners: tuple[tuple[float, float], ...]

    @property
    def top(self) -> float:
        """The uppermost corner."""
        return min(y for _, y in self.corners)

    @property
    def bottom(self) -> float:
        """The lowest corner."""
        return max(y for _, y in self.corners)

    @property
    def left(self) -> float:
        """The leftmost corner."""
        return min(x for x, _ in self.corners)


LONGEST_SIDE = 1920
"""Larger pictures are looked at in this size; smaller ones are not enlarged, which would cost most of the time."""


class TextReader:
    """Reads pictures. Cost: about 0.1 s to load; a second or so for a page, on a CPU."""

    def __init__(self, threads: int) -> None:
        """Loads the networks.

        Raises:
            SettingsError: if the package is not installed.
        """
        package: Any = extra_module("rapidocr", "ocr", "Reading text in pictures")
        settings = {
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "Det.limit_type": "max",
            "Det.limit_side_len": LONGEST_SIDE,
        }
        self._engine = package.RapidOCR(params=settings)

    def read(self, pixels: np.ndarray, least: float) -> list[ReadLine]:
        """The pieces of text in reading order, but for uncertain ones.

        Shapes: pixels uint8 [h w 3], RGB.
        """
        found = self._engine(np.ascontiguousarray(pixels[..., ::-1]))
        if found.boxes is None:
            return []
        pieces = (
            ReadLine(str(text), float(score), tuple((float(x), float(y)) for x, y in box))
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        )
        return [piece for row in rows_of([piece for piece in pieces if piece.confidence >= least]) for piece in row]


def rows_of(pieces: Sequence[ReadLine]) -> Iterator[list[ReadLine]]:
    """Pieces that stand beside each other, row by row, each row from left to right."""
    row: list[ReadLine] = []
    for piece in sorted(pieces, key=lambda piece: piece.top + piece.bottom):
        if row and (piece.top + piece.bottom) / 2 > max(other.bottom for other in row):
            yield sorted(row, key=lambda piece: piece.left)
            row = []
        row.append(piece)
    if row:
        yield sorted(row, key=lambda piece: piece.left)


def as_text(pieces: Sequence[ReadLine]) -> str:
    """A line of text for each row."""
    return "\n".join(" ".join(piece.text for piece in row) for row in rows_of(pieces))
