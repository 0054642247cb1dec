"""Makes pictures that are to be painted over ready: brings them and their masks to size, and fills what is masked.

Pillow is imported by the first picture, so that the server starts without it.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from limner.dialects.a1111.graph import Canvas
from limner.dialects.a1111.placing import Size, around, covering, fitting
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.walker import MULTIPLE, whole
from limner.server.a1111.inputs import UPLOADS
from limner.server.form_parts import keep_picture
from limner.server.pictures import open_picture, readable

if TYPE_CHECKING:
    from PIL import Image

COVERED, FITTED, LATENT = 1, 2, 3
"""``resize_mode``; 0 stretches."""

SURROUNDINGS = 0
"""``inpainting_fill`` with what is around."""

HALF = 128
REACHES = (256, 64, 16, 4, 1)
"""Pixels over which surroundings flow into what is masked: far ones first, near ones over them."""

WHITE = (255, 255, 255)


@dataclass(frozen=True)
class _Place:
    """Where painting happens.

    Attributes:
        mask: White where it is painted, as large as what is drawn.
        overlay: Likewise, as large as its place on the original.
        box: The place on the original; None: all of the picture, brought to size.
    """

    mask: "Image.Image"
    overlay: "Image.Image"
    box: tuple[int, int, int, int] | None


def canvas(asked: Asked, pictures: Sequence[bytes], mask: bytes | None, ground: object, folder: Path) -> Canvas:
    """What is painted over, among the input pictures. Blocks.

    Args:
        asked: The request.
        pictures: Files that it sent.
        mask: Another one; None: all is painted.
        ground: Colour behind transparent parts: ``#ffffff``.
        folder: Of the input pictures.

    Raises:
        DocumentError: if one is no picture.
        OSError: if they cannot be kept.
    """
    opened = [_opaque(data, ground) for data in pictures]
    place = None if mask is None else _place(asked, mask, opened[0].size)
    size = asked.size
    drawn = whole(size[0]), whole(size[1])
    keep = _Keeper(folder)
    if place is None:
        origins = tuple(keep(_sized(picture, drawn, asked["resize_mode"])) for picture in opened)
        return Canvas(origins=origins, stretched=asked["resize_mode"] == LATENT)
    box = place.box
    shown = opened if box is None else [picture.crop(box) for picture in opened]
    mode = asked["resize_mode"] if box is None else 0
    origins = [_sized(picture, drawn, mode) for picture in shown]
    if asked["inpainting_fill"] == SURROUNDINGS:
        origins = [_filled(picture, place.mask) for picture in origins]
    originals = opened if box is not None else [_sized(one, size, 0 if mode == LATENT else mode) for one in opened]
    left, top, right, bottom = box or (0, 0, *size)
    return Canvas(
        origins=tuple(keep(picture) for picture in origins),
        mask=keep(place.mask.point(_rounded)),
        originals=tuple(keep(picture) for picture in originals),
        overlay=keep(place.overlay),
        place=(left, top, right - left, bottom - top),
        part=box is not None,
        filling=asked["inpainting_fill"],
        stretched=mode == LATENT,
    )


def whole_picture(data: bytes, ground: object, folder: Path) -> tuple[str, Size]:
    """A picture among the input pictures as it was sent, and its width and height. Blocks. Args: as ``canvas``'s."""
    picture = _opaque(data, ground)
    return _Keeper(folder)(picture), picture.size


@dataclass(frozen=True)
class _Keeper:
    """Puts pictures among the input pictures."""

    folder: Path

    def __call__(self, picture: "Image.Image") -> str:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=1)
        return keep_picture(buffer.getvalue(), self.folder, UPLOADS).name


def _opaque(data: bytes, ground: object) -> "Image.Image":
    from PIL import Image

    with open_picture(io.BytesIO(data)) as picture, readable("an init image"):
        shown = picture.convert("RGBA")
    behind = Image.new("RGBA", shown.size, _colour(ground))
    behind.alpha_composite(shown)
    return behind.convert("RGB")


def _colour(said: object) -> tuple[int, ...]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(str(said))[:3]
    except ValueError:
        return WHITE


def _place(asked: Asked, data: bytes, size: Size) -> _Place | None:
    """Where painting happens; None if only what is masked is to be drawn, and nothing is."""
    mask = _mask(asked, data)
    if not asked["inpaint_full_res"]:
        mode = 0 if asked["resize_mode"] == LATENT else asked["resize_mode"]
        sized = _sized(mask if mask.size == size else mask.resize(size), asked.size, mode)
        return _Place(sized, sized, None)
    mask = mask if mask.size == size else mask.resize(size)
    masked = mask.getbbox()
    if masked is None:
        return None
    box = around(masked, asked["inpaint_full_res_padding"], size, asked.size)
    overlay = mask.crop(box)
    return _Place(_sized(overlay, asked.size, 0), overlay, box)


def _mask(asked: Asked, data: bytes) -> "Image.Image":
    """The mask as the request wants it: which part of the picture says it, inverted, blurred."""
    from PIL import ImageChops, ImageFilter

    with open_picture(io.BytesIO(data)) as picture, readable("the mask"):
        mask = _masked(picture, hard=asked["mask_round"])
    if asked["inpainting_mask_invert"]:
        mask = ImageChops.invert(mask)
    both = asked["mask_blur"]
    blur = (asked["mask_blur_x"], asked["mask_blur_y"]) if both is None else (both, both)
    return mask.filter(ImageFilter.GaussianBlur(blur)) if any(blur) else mask


def _masked(picture: "Image.Image", *, hard: bool) -> "Image.Image":
    """What is not transparent, if something is; else what is bright."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        alpha = picture.convert("RGBA").getchannel("A")
        if cast("tuple[int, int]", alpha.getextrema())[0] < 255:
            return alpha.point(_rounded) if hard else alpha
    return picture.convert("L")


def _rounded(value: int) -> int:
    return 255 if value >= HALF else 0


def _sized(picture: "Image.Image", size: Size, mode: int) -> "Image.Image":
    """A picture at a size; for latents that are brought to size later, at its own in whole elements."""
    from PIL import Image

    if mode == LATENT:
        own = (_elements(picture.width), _elements(picture.height))
        return picture.resize(own, Image.Resampling.LANCZOS) if own != picture.size else picture
    if mode == COVERED:
        return picture.resize(size, Image.Resampling.LANCZOS, box=covering(picture.size, size))
    if mode == FITTED:
        return _bordered(picture, size)
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _elements(side: int) -> int:
    return max(MULTIPLE, side // MULTIPLE * MULTIPLE)


def _bordered(picture: "Image.Image", size: Size) -> "Image.Image":
    """All of a picture in the middle; what is left over has the colours of its edges."""
    from PIL import Image

    left, top, right, bottom = fitting(picture.size, size)
    shown = picture.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
    bordered = Image.new(picture.mode, size)
    bordered.paste(shown, (left, top))
    wide, high = shown.size
    edges = (
        ((0, 0, 1, high), (0, 0, left, size[1])),
        ((wide - 1, 0, wide, high), (right, 0, size[0], size[1])),
        ((0, 0, wide, 1), (0, 0, size[0], top)),
        ((0, high - 1, wide, high), (0, bottom, size[0], size[1])),
    )
    for edge, (x, y, until_x, until_y) in edges:
        if until_x > x and until_y > y:
            bordered.paste(shown.crop(edge).resize((until_x - x, until_y - y)), (x, y))
    return bordered


def _filled(picture: "Image.Image", mask: "Image.Image") -> "Image.Image":
    """A picture whose masked part has the colours of what is around it.

    What is kept is blurred with its weight, ever less far; each result lies over the one before where it has weight.
    """
    from PIL import Image, ImageChops, ImageFilter

    kept = picture.convert("RGBA")
    kept.putalpha(ImageChops.invert(mask if mask.size == picture.size else mask.resize(picture.size)))
    weighed = kept.convert("RGBa")
    average = weighed.resize((1, 1), Image.Resampling.BOX).convert("RGBA").convert("RGB")
    painted = average.resize(picture.size).convert("RGBA")
    for reach in REACHES:
        painted.alpha_composite(weighed.filter(ImageFilter.GaussianBlur(reach)).convert("RGBA"))
    painted.alpha_composite(kept)
    return painted.convert("RGB")
