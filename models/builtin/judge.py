"""Measures of the built-in model: is a picture nearest to its own drawing, is its background the colour asked for."""

from __future__ import annotations

import numpy as np
import scenes
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scenes import Placement, Scene

SIDE = 32
SHIFTS = (-1, 0, 1)
BORDER = 5


def to_lab(pictures: np.ndarray) -> np.ndarray:
    """CIE Lab values (D65) of sRGB pictures.

    Args:
        pictures: uint8 [..., 3].
    """
    value = pictures.astype(np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32)
    xyz = linear @ matrix.T / np.array([0.9505, 1.0, 1.089], np.float32)
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def features(pictures: np.ndarray) -> np.ndarray:
    """Blurred Lab pictures of 32 x 32: float32 [count, 32, 32, 3]."""
    small = [
        np.asarray(Image.fromarray(one).filter(ImageFilter.GaussianBlur(2)).resize((SIDE, SIDE), Image.Resampling.BOX))
        for one in pictures
    ]
    return to_lab(np.stack(small))


def distances(pictures: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Mean squared Lab differences, the least over shifts of up to one of 32 pixels.

    Args:
        pictures: Features of generated pictures.
        references: Features of drawings.

    Returns:
        float32 [pictures, references].
    """
    flat = references.reshape(len(references), -1)
    size = flat.shape[1]
    best = np.full((len(pictures), len(references)), np.inf, np.float32)
    for down in SHIFTS:
        for across in SHIFTS:
            moved = np.roll(pictures, (down, across), (1, 2)).reshape(len(pictures), -1)
            error = (moved**2).sum(1)[:, None] + (flat**2).sum(1)[None] - 2 * moved @ flat.T
            best = np.minimum(best, error / size)
    return best


def standard_pictures(drawings: np.ndarray) -> np.ndarray:
    """Each drawing alone on white, as a bare name should give it."""
    return np.stack([scenes.compose(Scene((Placement(index),)), drawings) for index in range(len(drawings))])


def nearest(pictures: np.ndarray, indices: list[int], references: np.ndarray) -> np.ndarray:
    """Says of each picture whether the drawing nearest to it is its own (or one that is the very same picture).

    Args:
        pictures: uint8 generated pictures.
        indices: The drawing that each should show.
        references: Features of all drawings.
    """
    table = distances(features(pictures), references)
    own = table[np.arange(len(indices)), indices]
    return own <= table.min(1) + 1e-3


def border_colour(picture: np.ndarray) -> str:
    """The named colour nearest, in Lab, to the median of a picture's outer pixels."""
    edge = np.ones(picture.shape[:2], bool)
    edge[BORDER:-BORDER, BORDER:-BORDER] = False
    middle = np.median(picture[edge], 0)
    names = list(scenes.COLOURS)
    table = to_lab(np.array([scenes.COLOURS[name] for name in names], np.uint8))
    return names[int(((table - to_lab(middle.round().astype(np.uint8))) ** 2).sum(1).argmin())]


def sheet(pictures: np.ndarray, labels: list[str], columns: int = 6) -> Image.Image:
    """A contact sheet with a label under each picture."""
    side, foot = pictures.shape[1], 26
    rows = -(-len(pictures) // columns)
    image = Image.new("RGB", (columns * (side + 8) + 8, rows * (side + foot + 4) + 8), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(10)
    for place, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        x, y = 8 + place % columns * (side + 8), 8 + place // columns * (side + foot + 4)
        image.paste(Image.fromarray(picture), (x, y))
        pen.multiline_text((x, y + side + 2), _wrap(label), fill=(60, 60, 60), font=font, spacing=1)
    return image


def _wrap(label: str, width: int = 26) -> str:
    lines = [""]
    for word in label.split():
        if len(lines[-1]) + len(word) >= width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines[:2])
