"""Lines of images as hints for control networks, found without a network of their own: white on black."""

from typing import Annotated

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Number, node
from limner.media.gaussian import blurred
from limner.nodes.growing import OWN
from limner.nodes.images_edges import LUMA
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import Share

PREPROCESSORS = "image/preprocessors"

Width = Annotated[float, Number(min=0.3, max=10.0, step=0.1)]
Sharpness = Annotated[float, Number(min=1.0, max=200.0, step=0.5)]

SCALES = (1.0, 2.0, 4.0)
"""Pixels; soft edges are means over slopes of the image blurred so far."""

TINY = 1e-8
ROUGH = 15.0
"""Detail of scribbles: a tenth of black to white, spread over their width, is the least that they draw."""
RATIO = 1.6
"""Widths of the two bells whose difference stands for the Laplacian of the first. Source: Marr and Hildreth 1980."""


def as_hint(grey: Tensor) -> Tensor:
    """Three equal channels. Shapes: [b h w]; returns [b h w 3]."""
    return grey[..., None].expand(-1, -1, -1, 3).contiguous()


def luma(image: Tensor) -> Tensor:
    """Brightness as televisions count it. Shapes: [b h w c]; returns [b h w]."""
    return image[..., :3] @ torch.tensor(LUMA)


def colour_slope(planes: Tensor) -> Tensor:
    """How fast colours change in the direction in which they change most. Shapes: [b c h w]; returns [b h w].

    Source: Di Zenzo 1986, "A note on the gradient of a multi-image", equation 9; differences after Sobel.
    """
    kernel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    channels = planes.shape[1]
    padded = functional.pad(planes, (1, 1, 1, 1), mode="replicate")
    across, down = (
        functional.conv2d(padded, weights.expand(channels, 1, 3, 3).contiguous(), groups=channels)
        for weights in (kernel, kernel.T)
    )
    xx, yy, xy = (across**2).sum(1), (down**2).sum(1), (across * down).sum(1)
    largest = (xx + yy + ((xx - yy) ** 2 + 4 * xy**2).sqrt()) / 2
    return largest.clamp(min=0).sqrt()


@node(name="SoftEdges", title="Soft Edges", category=PREPROCESSORS, module=OWN)
def soft_edges(
    *, image: IMAGE, width: Width = 1.0, gamma: Annotated[float, Number(min=0.1, max=5.0, step=0.05)] = 0.7
) -> IMAGE:
    """Edges as grey values: the stronger an edge, the whiter; for soft-edge and HED control networks.

    Slopes of colour are taken at three scales, ``width`` times 1, 2 and 4 pixels, and the strongest becomes white. A
    ``gamma`` below 1 lifts weak edges.
    """
    planes = image[..., :3].movedim(-1, 1)
    # A slope at a coarse scale is flatter by that scale, which its weight makes up for.
    slopes = [colour_slope(blurred(planes, scale * width)) * scale for scale in SCALES]
    mean = torch.stack(slopes).mean(dim=0)
    strongest = mean.amax(dim=(1, 2), keepdim=True)
    return as_hint((mean / strongest.clamp(min=TINY)).clamp(0, 1) ** gamma * (strongest > 1e-4))


def extended_differences(
    image: Tensor, width: float, detail: float, threshold: float, sharpness: float, fill: float = 0.0
) -> Tensor:
    """A drawing in black on white, with the lines of all three colours. Shapes: [b h w c]; returns [b h w].

    With ``fill`` 1 brightness counts beside its differences, as in the paper, so that dark areas are black; with 0
    flat areas are white, whatever their brightness.

    Source: Winnemöller, Kyprianidis and Olsen 2012, "XDoG: an extended difference-of-Gaussians compendium",
    equations 7 (differences) and 5 (soft threshold).
    """
    planes = image[..., :3].movedim(-1, 1)
    fine, coarse = blurred(planes, width), blurred(planes, RATIO * width)
    sharpened = 1 - fill + fill * fine + detail * (fine - coarse)
    below = 1 + torch.tanh(sharpness * (sharpened - threshold))
    return torch.where(sharpened >= threshold, torch.ones_like(below), below).amin(dim=1)


@node(name="LineArt", title="Line Art", category=PREPROCESSORS, module=OWN)
def line_art(
    *,
    image: IMAGE,
    width: Width = 1.0,
    detail: Annotated[float, Number(min=0.0, max=100.0, step=0.5)] = 20.0,
    threshold: Share = 0.5,
    sharpness: Sharpness = 10.0,
    fill: Share = 0.0,
) -> IMAGE:
    """A drawing of the image: lines where it is darker than around, as hints for line-art control networks.

    ``detail`` says how small a difference makes a line, ``threshold`` how much of it is drawn, ``sharpness`` how hard
    lines end. ``fill`` also draws what is dark.
    """
    return as_hint(1 - extended_differences(image, width, detail, threshold, sharpness, fill))


@node(name="Scribble", title="Scribble", category=PREPROCESSORS, module=OWN)
def scribble(
    *,
    image: IMAGE,
    width: Width = 1.5,
    threshold: Share = 0.5,
    thickness: Annotated[int, Number(min=1, max=32, step=1)] = 3,
    smallest: Annotated[int, Number(min=0, max=10000, step=1)] = 40,
) -> IMAGE:
    """A few rough lines, as a hand would draw them: no grey, no specks of less than ``smallest`` pixels."""
    drawn = extended_differences(image, width, ROUGH, threshold, 1000.0) < 0.5
    kept = torch.stack([_without_specks(one, smallest) for one in drawn])
    before, after = (thickness - 1) // 2, thickness // 2
    padded = functional.pad(kept[:, None].float(), (before, after, before, after))
    return as_hint(functional.max_pool2d(padded, thickness, stride=1)[:, 0])


def _without_specks(drawn: Tensor, smallest: int) -> Tensor:
    """A drawing without its small connected parts. Shapes: bool [h w]."""
    parts = np.zeros(drawn.shape, dtype=np.int32)
    ndimage.label(drawn.numpy(), structure=np.ones((3, 3)), output=parts)
    large = np.bincount(parts.ravel()) >= max(smallest, 1)
    large[0] = False
    return torch.from_numpy(large[parts])
