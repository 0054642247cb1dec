"""Marks laid over pictures: a text or a logo, once in a place or all over."""

from collections.abc import Iterator
from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, Text, node
from limner.graph.errors import NumericsError
from limner.media.lettering import blend, colour_of, text_mask, turned
from limner.media.resize import resize_images
from limner.nodes.fonts import PLACES, FolderService, FontName, Margin, Turn, chosen_font, corner
from limner.nodes.growing import OWN
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import Colour, Share

MARKS = "image/mark"
TILED = "tiled"
MOST_TILES = 10_000

Where = Annotated[str, Choice(*PLACES, TILED)]
Size = Annotated[float, Number(min=0.005, max=1.0, step=0.005)]
"""A part of the picture's shorter side."""


@node(name="WatermarkText", title="Watermark (Text)", category=MARKS, module=OWN)
def watermark_text(
    *,
    image: IMAGE,
    text: Annotated[str, Text(multiline=True)] = "© Limner",
    place: Where = "bottom right",
    letter_size: Size = 0.05,
    colour: Colour = 0xFFFFFF,
    opacity: Share = 0.6,
    angle: Turn = 0.0,
    margin: Margin = 16,
    font: FontName = "",
    folders: FolderService,
) -> IMAGE:
    """Writes a text over pictures: in a place, or ``tiled`` all over them. Sizes are parts of the shorter side.

    ``margin`` is the room to the picture's sides, and between tiles. Letters come from a file in ``fonts``, or from the
    first font that has them.
    """
    if not text.strip():
        return image
    size = letter_size * min(image.shape[1:3])
    mask = turned(text_mask(text, chosen_font(text, font, size, folders), align="center"), angle)
    return _marked(image, colour_of(colour), mask * opacity, place, margin)


@node(name="WatermarkPicture", title="Watermark (Picture)", category=MARKS, module=OWN)
def watermark_picture(
    *,
    image: IMAGE,
    mark: IMAGE,
    mask: Annotated[MASK, Flags(optional=True)] = None,  # type: ignore[assignment]
    place: Where = "bottom right",
    size: Size = 0.2,
    opacity: Share = 0.8,
    margin: Margin = 16,
) -> IMAGE:
    """Lays a picture, a logo for instance, over others: in a place, or ``tiled`` all over them.

    ``size`` is that of its longer side, as a part of the picture's shorter one. Transparent are the mark's own fourth
    channel, and what the mask of Load Image says (1 is transparent). Of a batch the first picture is the mark.
    """
    longest = size * min(image.shape[1:3])
    scale = longest / max(mark.shape[1:3])
    height, width = (max(1, round(side * scale)) for side in mark.shape[1:3])
    small = resize_images(mark[:1].float(), width, height, "lanczos" if scale < 1 else "bicubic")[0].clamp(0, 1)
    shown = small[..., 3] if small.shape[-1] == 4 else torch.ones(height, width)
    if mask is not None:
        shown = shown * (1.0 - _fitted(mask[:1], height, width))
    return _marked(image, small[..., :3].expand(height, width, 3), shown * opacity, place, margin)


def _fitted(mask: Tensor, height: int, width: int) -> Tensor:
    """A mask [1 h w] at another size. Shapes: returns [height width]."""
    return resize_images(mask.float()[..., None], width, height, "area")[0, ..., 0]


def _marked(image: Tensor, colour: Tensor, mask: Tensor, place: str, margin: int) -> Tensor:
    """Pictures with a mark. Shapes: image [b h w c], colour [3] or [h w 3], mask [h w]."""
    inner, outer = (mask.shape[0], mask.shape[1]), (image.shape[1], image.shape[2])
    if place != TILED:
        return blend(image, colour, mask, *corner(place, inner, outer, margin))
    for left, top in _tiles(inner, outer, margin):
        image = blend(image, colour, mask, left, top)
    return image


def _tiles(inner: tuple[int, int], outer: tuple[int, int], gap: int) -> Iterator[tuple[int, int]]:
    """Left and top of marks in rows, every other row shifted by half a mark.

    Raises:
        NumericsError: if there are too many.
    """
    height, width = inner[0] + gap, inner[1] + gap
    rows, columns = -(-outer[0] // height), -(-outer[1] // width) + 1
    if rows * columns > MOST_TILES:
        raise NumericsError(f"{rows * columns} marks would be laid over each picture: make them larger.")
    for row in range(rows):
        shift = (width // 2) * (row % 2)
        for column in range(columns):
            yield gap // 2 + column * width - shift, gap // 2 + row * height
