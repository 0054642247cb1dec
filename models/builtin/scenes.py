"""Composites drawings on backgrounds: the pictures both networks learn from."""

from __future__ import annotations

import dataclasses
import hashlib
import random

import numpy as np
from PIL import Image

PICTURE_SIZE = 128
STANDARD_SIZE = 104  # leaves a border of background of 12 pixels
COLOURS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "black": (20, 20, 20),
    "grey": (145, 145, 145),
    "red": (215, 35, 40),
    "orange": (250, 140, 20),
    "yellow": (255, 222, 40),
    "green": (40, 150, 65),
    "blue": (35, 95, 215),
    "cyan": (60, 205, 220),
    "purple": (130, 55, 175),
    "pink": (250, 150, 190),
    "brown": (125, 75, 40),
    "beige": (238, 220, 185),
    "navy": (20, 30, 90),
}
HUES: dict[str, float] = {
    "red": 0.995,
    "orange": 0.085,
    "yellow": 0.145,
    "green": 0.36,
    "cyan": 0.51,
    "blue": 0.61,
    "purple": 0.77,
    "pink": 0.92,
}


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where one drawing stands: its index in the set, its side and its centre in pixels, and its hue if changed."""

    index: int
    size: int = STANDARD_SIZE
    x: int = PICTURE_SIZE // 2
    y: int = PICTURE_SIZE // 2
    hue: str | None = None


@dataclasses.dataclass(frozen=True)
class Scene:
    """A background colour and the drawings on it, later ones on top."""

    placements: tuple[Placement, ...]
    background: str = "white"


def is_held_out(name: str, background: str) -> bool:
    """Says whether this drawing on this background is kept out of training, for the evaluation."""
    digest = hashlib.sha256(f"{name} on {background}".encode()).digest()
    return background != "white" and digest[0] % 64 == 0


def colourfulness(drawing: np.ndarray) -> float:
    """Share of a drawing's visible pixels that are strongly coloured.

    Args:
        drawing: uint8 [height, width, 4].
    """
    pixels = drawing[drawing[..., 3] > 128][:, :3].astype(np.float32)
    if len(pixels) == 0:
        return 0.0
    high, low = pixels.max(1), pixels.min(1)
    return float(((high - low > 90) & (high > 110)).mean())


def recolour(drawing: Image.Image, hue: str) -> Image.Image:
    """Turns the strongly coloured pixels of a drawing to the named hue and leaves greys alone."""
    alpha = drawing.getchannel("A")
    planes = np.asarray(drawing.convert("RGB").convert("HSV")).astype(np.float32)
    saturation = planes[..., 1]
    planes[..., 0] = HUES[hue] * 255 % 256
    if hue == "pink":
        planes[..., 1] = saturation * 0.62
        planes[..., 2] = np.minimum(255, planes[..., 2] * 1.1 + 20)
    coloured = Image.fromarray(planes.astype(np.uint8), "HSV").convert("RGB")
    coloured.putalpha(alpha)
    return coloured


def compose(scene: Scene, drawings: np.ndarray) -> np.ndarray:
    """Draws a scene.

    Args:
        scene: What to draw.
        drawings: uint8 [count, 128, 128, 4], the whole set.

    Returns:
        uint8 [128, 128, 3].
    """
    picture = Image.new("RGB", (PICTURE_SIZE, PICTURE_SIZE), COLOURS[scene.background])
    for place in scene.placements:
        drawing = Image.fromarray(drawings[place.index])
        if place.hue is not None:
            drawing = recolour(drawing, place.hue)
        drawing = drawing.convert("RGBa").resize((place.size, place.size), Image.Resampling.BICUBIC).convert("RGBA")
        picture.paste(drawing, (place.x - place.size // 2, place.y - place.size // 2), drawing)
    return np.asarray(picture)


def random_scene(count: int, chance: random.Random) -> Scene:
    """Draws a varied scene for the autoencoder: any colour, size, place and hue."""
    background = "white" if chance.random() < 0.4 else chance.choice(list(COLOURS))
    objects = 2 if chance.random() < 0.2 else 1
    placements = []
    for _ in range(objects):
        size = STANDARD_SIZE if chance.random() < 0.5 and objects == 1 else chance.randint(40, 120)
        hue = chance.choice(list(HUES)) if chance.random() < 0.3 else None
        margin = max(0, (PICTURE_SIZE - size) // 2)
        x = PICTURE_SIZE // 2 + chance.randint(-margin, margin)
        y = PICTURE_SIZE // 2 + chance.randint(-margin, margin)
        placements.append(Placement(chance.randrange(count), size, x, y, hue))
    return Scene(tuple(placements), background)
