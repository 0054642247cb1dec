"""Letters on pictures: fonts, texts as masks, and masks laid over pixels in a colour.

The font that is always there is the one that Pillow carries. It has the letters of English only; a text with others is
written in the first font that has them: of the user's own, or of well-known ones that systems come with. If there is
none, the text is refused with the letters that are missing, instead of a row of boxes.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from limner.graph.errors import ModelFileError, NumericsError

Font = ImageFont.FreeTypeFont

SMALLEST, LARGEST = 4, 2000
"""Sizes of letters in pixels."""

LONGEST_TEXT = 20_000
LINE_SPACING = 0.3
"""Room between lines, as a part of the letters' size."""

SYSTEM_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "Arial.ttf",
    "NotoSansCJK-Regular.ttc",
    "msyh.ttc",
    "PingFang.ttc",
    "Arial Unicode.ttf",
)
"""File names of fonts that systems come with, from few letters to many. Pillow knows the folders."""

_NOWHERE = "\uffff"
"""A character that no font has: it is drawn as what stands for missing ones."""


def load_font(path: Path | None, size: float) -> Font:
    """A font at a size.

    Args:
        path: A TrueType or OpenType file; None for the built-in font.
        size: Pixels from the top of high letters to the bottom of low ones, about; brought into the limits.

    Raises:
        ModelFileError: if the file is no font.
    """
    pixels = min(max(round(size), SMALLEST), LARGEST)
    if path is None:
        font = ImageFont.load_default(pixels)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise ModelFileError("This Pillow draws no scalable letters: install one that is built with FreeType.")
        return font
    try:
        return ImageFont.truetype(str(path), pixels)
    except (OSError, ValueError) as error:
        raise ModelFileError(
            f"{path.name} cannot be read as a font ({error}): use a .ttf, .otf or .ttc file."
        ) from error


def fitting_font(text: str, size: float, fonts: Iterable[Path] = ()) -> Font:
    """The first font that has all letters of a text: the built-in one, the given ones, those of the system.

    Raises:
        NumericsError: if none has; says which letters are missing.
    """
    built_in = load_font(None, size)
    absent = missing_letters(text, built_in)
    if not absent:
        return built_in
    for font in _candidates(size, fonts):
        if not missing_letters(absent, font):
            return font
    raise _letters_missing(absent, built_in)


def _candidates(size: float, fonts: Iterable[Path]) -> Iterator[Font]:
    for path in (*fonts, *map(Path, SYSTEM_FONTS)):
        try:
            yield load_font(path, size)
        except ModelFileError:
            continue


def missing_letters(text: str, font: Font) -> str:
    """The letters of a text that a font does not have, each once."""
    missing = _shape(_NOWHERE, font)
    return "".join(char for char in dict.fromkeys(text) if not char.isspace() and _shape(char, font) == missing)


def _letters_missing(absent: str, font: Font) -> NumericsError:
    return NumericsError(
        f"The font {font.getname()[0]} has no letters for {absent[:20]!r}. Put a font that has them into the model "
        "folder 'fonts', or write the name of another one there into the input 'font'."
    )


def _shape(letter: str, font: Font) -> bytes:
    mask: Any = font.getmask(letter)
    return bytes(mask)


def wrapped(text: str, font: Font, width: int) -> str:
    """A text in lines of at most a width, broken between words; a word that is wider is broken anywhere."""
    return "\n".join(line for paragraph in text.splitlines() for line in _lines(paragraph, font, width))


def _lines(paragraph: str, font: Font, width: int) -> Iterator[str]:
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *full, line = _pieces(word, font, width)
        yield from full
    yield line


def _pieces(word: str, font: Font, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and font.getlength(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def text_mask(text: str, font: Font, *, align: str = "left", outline: int = 0) -> Tensor:
    """A text as a mask that fits closely around it, but for the lines' own height.

    Args:
        text: One or several lines.
        font: See ``load_font``.
        align: ``left``, ``center`` or ``right``, for several lines.
        outline: Pixels by which the letters are thicker.

    Returns:
        [h w] in 0..1.

    Raises:
        NumericsError: if the font lacks letters, or the text is too long.
    """
    if len(text) > LONGEST_TEXT:
        raise NumericsError(f"The text has {len(text)} letters; at most {LONGEST_TEXT} are written on a picture.")
    absent = missing_letters(text, font)
    if absent:
        raise _letters_missing(absent, font)
    spacing = font.size * LINE_SPACING
    options = {"font": font, "spacing": spacing, "align": align, "stroke_width": outline}
    box = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, **options)
    ascent, descent = font.getmetrics()
    left, top = min(0, int(np.floor(box[0]))), min(0, int(np.floor(box[1])))
    width = int(np.ceil(box[2])) - left
    height = max(int(np.ceil(box[3])), ascent + descent) - top
    plane = Image.new("L", (max(1, width), max(1, height)))
    ImageDraw.Draw(plane).multiline_text((-left, -top), text, fill=255, **options)
    return torch.from_numpy(np.asarray(plane).astype(np.float32) / 255.0)


def turned(mask: Tensor, degrees: float) -> Tensor:
    """A mask turned counter-clockwise, in a frame that holds all of it. Shapes: [h w]."""
    if degrees % 360 == 0:
        return mask
    plane = Image.fromarray((mask.numpy() * 255).round().astype(np.uint8))
    turned_plane = plane.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    return torch.from_numpy(np.asarray(turned_plane).astype(np.float32) / 255.0)


def colour_of(number: int) -> Tensor:
    """Red, green and blue in 0..1 of a colour written as one number, 0xRRGGBB."""
    return torch.tensor([(number >> shift & 0xFF) / 0xFF for shift in (16, 8, 0)])


def blend(images: Tensor, colour: Tensor, mask: Tensor, left: int, top: int) -> Tensor:
    """Images with something laid over them.

    Args:
        images: [b h w c]; a fourth channel, opacity, grows with the mask.
        colour: What is laid over: [3], or [h w 3] of the mask's size.
        mask: How much of it, [h w].
        left: Where the mask begins; what reaches beyond the images is cut off.
        top: The same downwards.
    """
    height, width = images.shape[1:3]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + mask.shape[1], width), min(top + mask.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return images
    inside = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    share = mask[inside][..., None]
    laid = colour[inside] if colour.ndim == 3 else colour.expand(*share.shape[:2], 3)
    if images.shape[-1] == 4:
        laid = torch.cat([laid, torch.ones_like(laid[..., :1])], dim=-1)
    result = images.clone()
    region = result[:, y0:y1, x0:x1]
    result[:, y0:y1, x0:x1] = region + share * (laid[..., : images.shape[-1]] - region)
    return result
