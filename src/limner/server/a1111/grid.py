"""Draws the pictures of a script on sheets, with what differs written at their edges.

Pillow is imported by the first sheet, so that the server starts without it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limner.dialects.a1111.script import Grid
from limner.server.a1111.answers import opened, packed, sheet

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

LARGEST = 1 << 26
"""Pixels of a sheet; larger ones are made smaller."""

SHARE, LEAST, MOST = 0.06, 10, 48
"""Height of letters as a share of a picture's shorter side, and its bounds in pixels."""

PAPER, INK = (255, 255, 255), (20, 20, 20)
SPACE = 0.4
"""Between lines and around texts, as a share of their height."""

LONGEST = 400
"""Letters of a label; the rest is left out."""


def sheets(cells: Sequence[Sequence[bytes]], grid: Grid, text: str = "") -> list[bytes]:
    """All pictures on one sheet, and if there are several layers, each of these as well, as PNG files.

    Args:
        cells: The picture files of each drawing, in the order of the grid; of several the drawing shows a sheet.
        grid: How they stand.
        text: The settings that are written into each sheet; empty: none.
    """
    pictures = [_cell(files) for files in cells]
    each = len(grid.columns) * len(grid.rows)
    layers = [
        _layer(pictures[number * each : (number + 1) * each], grid, label) for number, label in enumerate(grid.layers)
    ]
    if len(layers) == 1:
        return [packed(_bounded(layers[0]), text)]
    width, height = max(one.width for one in layers), max(one.height for one in layers)
    whole = _blank(len(layers) * width + (len(layers) - 1) * grid.margin, height)
    for number, layer in enumerate(layers):
        whole.paste(layer, (number * (width + grid.margin), 0))
    return [packed(_bounded(one), text) for one in (whole, *layers)]


def _cell(files: Sequence[bytes]) -> "Image.Image | None":
    if not files:
        return None  # It was left out, or nobody waited for it.
    return opened(files[0] if len(files) == 1 else sheet(files, -1))


def _layer(pictures: Sequence["Image.Image | None"], grid: Grid, label: str) -> "Image.Image":
    there = [picture for picture in pictures if picture is not None]
    wide = max((picture.width for picture in there), default=64)
    high = max((picture.height for picture in there), default=64)
    frame = _frame(grid, label, (wide, high))
    columns, rows, margin = len(grid.columns), len(grid.rows), grid.margin
    whole = _blank(frame.left + columns * wide + (columns - 1) * margin, frame.top + rows * high + (rows - 1) * margin)
    for number, picture in enumerate(pictures):
        if picture is not None:
            row, column = divmod(number, columns)
            whole.paste(picture, (frame.left + column * (wide + margin), frame.top + row * (high + margin)))
    frame.letter(whole, margin)
    return whole


@dataclass(frozen=True)
class _Frame:
    """What is written around pictures.

    Attributes:
        pen: Writes it.
        cell: Width and height of a picture.
        columns: Wrapped texts over them,
        rows: beside them,
        layer: and over all.
        left: Pixels beside,
        heads: over columns,
        title: and over all.
    """

    pen: "_Pen"
    cell: tuple[int, int]
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    layer: str
    left: int
    heads: int
    title: int

    @property
    def top(self) -> int:
        """Pixels over the pictures."""
        return self.heads + self.title

    def letter(self, whole: "Image.Image", margin: int) -> None:
        """Writes everything onto a sheet."""
        from PIL import ImageDraw

        draw = ImageDraw.Draw(whole)
        wide, high = self.cell
        self.pen.write(draw, self.layer, (self.left + whole.width) / 2, self.title / 2)
        for number, text in enumerate(self.columns):
            middle = self.left + number * (wide + margin) + wide / 2
            self.pen.write(draw, text, middle, self.title + self.heads / 2)
        for number, text in enumerate(self.rows):
            self.pen.write(draw, text, self.left / 2, self.top + number * (high + margin) + high / 2)


def _frame(grid: Grid, label: str, cell: tuple[int, int]) -> _Frame:
    pen = _Pen.of(cell)
    columns = tuple(pen.wrapped(text, cell[0]) for text in grid.columns)
    rows = tuple(pen.wrapped(text, cell[0] * 3 // 4) for text in grid.rows)
    layer = pen.wrapped(label, cell[0] * len(grid.columns))
    return _Frame(
        pen=pen,
        cell=cell,
        columns=columns,
        rows=rows,
        layer=layer,
        left=max((pen.size(text)[0] for text in rows), default=0),
        heads=max((pen.size(text)[1] for text in columns), default=0),
        title=pen.size(layer)[1],
    )


@dataclass(frozen=True)
class _Pen:
    """Writes texts in one size."""

    font: "ImageFont.FreeTypeFont | ImageFont.ImageFont"
    height: int

    @classmethod
    def of(cls, cell: tuple[int, int]) -> "_Pen":
        """One for pictures of a size."""
        from PIL import ImageFont

        height = round(min(max(min(cell) * SHARE, LEAST), MOST))
        return cls(ImageFont.load_default(height), height)

    def size(self, text: str) -> tuple[int, int]:
        """Width and height that a wrapped text takes with the space around it; nothing takes none."""
        if not text:
            return 0, 0
        space = self.height * SPACE * 2
        lines = text.split("\n")
        wide = max(self.font.getlength(line) for line in lines)
        return math.ceil(wide + space), math.ceil(len(lines) * self.height * (1 + SPACE) + space)

    def wrapped(self, text: str, width: int) -> str:
        """A text in lines that fit; words that do not are broken."""
        lines: list[str] = []
        for part in text[:LONGEST].splitlines():
            lines += self._lines(part, width - self.height * SPACE * 2)
        return "\n".join(lines)

    def _lines(self, text: str, width: float) -> list[str]:
        lines, line = list[str](), ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if self.font.getlength(longer) <= width:
                line = longer
                continue
            lines += [line] if line else []
            while word and self.font.getlength(word) > width and len(word) > 1:
                fits = max(1, sum(self.font.getlength(word[:end]) <= width for end in range(1, len(word))))
                lines, word = [*lines, word[:fits]], word[fits:]
            line = word
        return [*lines, line] if line else lines

    def write(self, draw: "ImageDraw.ImageDraw", text: str, x: float, y: float) -> None:
        """Writes a text around a point."""
        step = self.height * (1 + SPACE)
        lines = text.split("\n") if text else []
        for number, line in enumerate(lines):
            below = y + (number - (len(lines) - 1) / 2) * step - self.height / 2
            draw.text((x - self.font.getlength(line) / 2, below), line, INK, font=self.font)


def _blank(width: int, height: int) -> "Image.Image":
    from PIL import Image

    return Image.new("RGB", (width, height), PAPER)


def _bounded(picture: "Image.Image") -> "Image.Image":
    pixels = picture.width * picture.height
    if pixels <= LARGEST:
        return picture
    scale = math.sqrt(LARGEST / pixels)
    return picture.resize((int(picture.width * scale), int(picture.height * scale)))
