"""Colours and brightness of images as hints for control networks: everything but the lines."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Choice, Number, node
from limner.media.gaussian import blurred
from limner.media.resize import resize_images
from limner.nodes.growing import OWN
from limner.nodes.preprocessors_edges import PREPROCESSORS, as_hint
from limner.nodes.sockets import IMAGE

CellSide = Annotated[int, Number(min=2, max=1024, step=1)]

LIGHT = (0.2126, 0.7152, 0.0722)
"""Of linear red, green and blue in luminance. Source: ITU-R BT.709."""


@node(name="BlurHint", title="Blur Hint", category=PREPROCESSORS, module=OWN)
def blur_hint(*, image: IMAGE, sigma: Annotated[float, Number(min=0.0, max=100.0, step=0.1)] = 8.0) -> IMAGE:
    """A Gaussian blur by pixels, for control networks that sharpen what they are shown."""
    return blurred(image[..., :3].movedim(-1, 1), sigma).movedim(1, -1)


@node(name="TileHint", title="Tile Hint", category=PREPROCESSORS, module=OWN)
def tile_hint(
    *,
    image: IMAGE,
    reduction: Annotated[float, Number(min=1.0, max=16.0, step=0.1)] = 4.0,
    method: Annotated[str, Choice("bicubic", "bilinear", "nearest-exact", "lanczos")],
) -> IMAGE:
    """The image without its detail, at its own size: made smaller and larger again; for tile control networks."""
    height, width = image.shape[1:3]
    small = (max(1, round(width / reduction)), max(1, round(height / reduction)))
    reduced = resize_images(image[..., :3], *small, "area")
    return resize_images(reduced, width, height, method).clamp(0, 1)


@node(name="ColorBlocks", title="Color Blocks", category=PREPROCESSORS, module=OWN)
def color_blocks(*, image: IMAGE, side: CellSide = 64) -> IMAGE:
    """The mean colours of squares of ``side`` pixels, for control networks and adapters that take a palette.

    Source: Mou et al. 2023, "T2I-Adapter", section 3.3 (colour maps).
    """
    height, width = image.shape[1:3]
    planes = image[..., :3].movedim(-1, 1)
    padded = functional.pad(planes, (0, -width % side, 0, -height % side), mode="replicate")
    means = functional.avg_pool2d(padded, side)
    blocks = means.repeat_interleave(side, -1).repeat_interleave(side, -2)
    return blocks[..., :height, :width].movedim(1, -1).contiguous()


def lightness(image: Tensor) -> Tensor:
    """Perceived lightness of sRGB colours. Shapes: [b h w c]; returns [b h w]. Range: 0 to 1.

    Source: CIE 1976 L*; IEC 61966-2-1 (sRGB).
    """
    colours = image[..., :3].clamp(0, 1)
    linear = torch.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    luminance = linear @ torch.tensor(LIGHT)
    edge = 6 / 29
    root = torch.where(luminance > edge**3, luminance.clamp(min=edge**3) ** (1 / 3), luminance / (3 * edge**2) + 4 / 29)
    return (116 * root - 16) / 100


@node(name="RecolorHint", title="Recolor Hint", category=PREPROCESSORS, module=OWN)
def recolor_hint(
    *,
    image: IMAGE,
    mode: Annotated[str, Choice("lightness", "intensity")],
    gamma: Annotated[float, Number(min=0.1, max=5.0, step=0.01)] = 1.0,
) -> IMAGE:
    """Brightness alone, for control networks that give colour to what they are shown.

    ``lightness`` is what eyes see, ``intensity`` the largest of the three colours.
    """
    grey = lightness(image) if mode == "lightness" else image[..., :3].amax(dim=-1)
    return as_hint(grey.clamp(0, 1) ** gamma)
