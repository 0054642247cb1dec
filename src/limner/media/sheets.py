"""Several pictures on one: in rows and columns, with captions or with labels at the margins."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.media.lettering import Font, blend, colour_of, text_mask, wrapped
from limner.media.resize import resize_images

LARGEST_SHEET = 16384 * 16384
"""Pixels of one sheet."""


@dataclass(frozen=True)
class Style:
    """How a sheet looks.

    Attributes:
        font: Of captions and labels.
        background: 0xRRGGBB.
        ink: The colour of letters, the same way.
        gap: Pixels between pictures and around them.
    """

    font: Font
    background: int = 0xFFFFFF
    ink: int = 0
    gap: int = 8


def shrunk(image: Tensor, longest: int) -> Tensor:
    """A picture whose longer side is at most so long; 0 leaves it. Shapes: [1 h w c]."""
    height, width = image.shape[1:3]
    scale = longest / max(height, width)
    if not longest or scale >= 1:
        return image
    return resize_images(image, max(1, round(width * scale)), max(1, round(height * scale)), "area")


def captioned_sheet(pictures: Sequence[Tensor], captions: Sequence[str], columns: int, style: Style) -> Tensor:
    """Pictures in reading order, each in the middle of its cell, with a caption below.

    Shapes: pictures [1 h w c] of any sizes; returns [1 H W 3].

    Raises:
        NumericsError: if the sheet would be too large, or the font lacks letters.
    """
    cell = _largest(pictures)
    texts = [text_mask(wrapped(text, style.font, cell[1]), style.font, align="center") for text in captions if text]
    strip = max((text.shape[0] for text in texts), default=0)
    strip += style.gap // 2 if strip else 0
    rows = -(-len(pictures) // columns)
    sheet = _Sheet((cell[0] + strip, cell[1]), rows, columns, (0, 0), style)
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        sheet.put(picture, row, column, cell)
        if place < len(captions) and captions[place]:
            mask = text_mask(wrapped(captions[place], style.font, cell[1]), style.font, align="center")
            left, top = sheet.corner(row, column)
            sheet.write(mask, left + (cell[1] - mask.shape[1]) // 2, top + cell[0] + style.gap // 2)
    return sheet.pixels


def labelled_sheet(
    pictures: Sequence[Sequence[Tensor]], across: Sequence[str], down: Sequence[str], style: Style
) -> Tensor:
    """Rows of pictures, with a label above each column and one left of each row; empty labels take no room.

    Shapes: pictures [1 h w c] of any sizes; returns [1 H W 3].

    Raises:
        NumericsError: if the sheet would be too large, or the font lacks letters.
    """
    cell = _largest([picture for row in pictures for picture in row])
    above = [text_mask(wrapped(text, style.font, cell[1]), style.font, align="center") for text in across]
    beside = [text_mask(wrapped(text, style.font, cell[1]), style.font, align="right") for text in down]
    head = max(mask.shape[0] for mask in above) + style.gap if any(across) else 0
    side = max(mask.shape[1] for mask in beside) + style.gap if any(down) else 0
    sheet = _Sheet(cell, len(down), len(across), (head, side), style)
    for row, column in product(range(len(down)), range(len(across))):
        sheet.put(pictures[row][column], row, column, cell)
    for column, mask in enumerate(above):
        left, _ = sheet.corner(0, column)
        sheet.write(mask, left + (cell[1] - mask.shape[1]) // 2, style.gap + max(0, head - style.gap - mask.shape[0]))
    for row, mask in enumerate(beside):
        _, top = sheet.corner(row, 0)
        sheet.write(mask, side - mask.shape[1], top + (cell[0] - mask.shape[0]) // 2)
    return sheet.pixels


def _largest(pictures: Sequence[Tensor]) -> tuple[int, int]:
    """Height and width that every picture fits into."""
    return max(picture.shape[1] for picture in pictures), max(picture.shape[2] for picture in pictures)


class _Sheet:
    """A sheet while it is filled."""

    def __init__(self, cell: tuple[int, int], rows: int, columns: int, margin: tuple[int, int], style: Style) -> None:
        self._cell, self._margin, self._style = cell, margin, style
        height = margin[0] + rows * (cell[0] + style.gap) + style.gap
        width = margin[1] + columns * (cell[1] + style.gap) + style.gap
        if height * width > LARGEST_SHEET:
            raise NumericsError(
                f"The sheet would have {width} x {height} pixels; at most {LARGEST_SHEET:,} are drawn. Make the "
                "pictures smaller, or take fewer of them."
            )
        self.pixels = colour_of(style.background).expand(1, height, width, 3).clone()
        """[1 h w 3]."""

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Left and top of a cell."""
        gap = self._style.gap
        return (
            self._margin[1] + gap + column * (self._cell[1] + gap),
            self._margin[0] + gap + row * (self._cell[0] + gap),
        )

    def put(self, picture: Tensor, row: int, column: int, frame: tuple[int, int]) -> None:
        """Lays a picture into the middle of a frame that begins at a cell's corner."""
        left, top = self.corner(row, column)
        height, width = picture.shape[1:3]
        colours = picture[0, ..., :3].float().cpu()
        opacity = picture[0, ..., 3].float().cpu() if picture.shape[-1] == 4 else torch.ones(height, width)
        colours = colours.expand(height, width, 3)
        place = left + (frame[1] - width) // 2, top + (frame[0] - height) // 2
        self.pixels = _laid(self.pixels, colours, opacity, *place)

    def write(self, mask: Tensor, left: int, top: int) -> None:
        """Writes a text."""
        self.pixels = _laid(self.pixels, colour_of(self._style.ink), mask, left, top)


def _laid(sheet: Tensor, colour: Tensor, mask: Tensor, left: int, top: int) -> Tensor:
    """The sheet itself, with something laid over a part of it: cells do not copy whole sheets."""
    height, width = mask.shape
    region = sheet[:, max(top, 0) : top + height, max(left, 0) : left + width]
    region.copy_(blend(region, colour, mask, min(left, 0), min(top, 0)))
    return sheet
