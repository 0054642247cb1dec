"""Edges of an image, as hints for networks."""

from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Number, node
from limner.nodes.sockets import IMAGE

Threshold = Annotated[float, Number(min=0.01, max=0.99, step=0.01)]

LUMA = (0.299, 0.587, 0.114)
NEIGHBOURS = ((0, 1), (1, 1), (1, 0), (1, -1))
"""Steps (down, right) along which a gradient may point, in eighths of a turn."""


@node(name="Canny", title="Canny", category="image/preprocessors")
def canny(*, image: IMAGE, low_threshold: Threshold = 0.4, high_threshold: Threshold = 0.8) -> IMAGE:
    """White lines on black where brightness changes most.

    Lines start where the slope exceeds the high threshold and go on while it exceeds the low one. Slopes are weighted
    means of differences of neighbours, so a hard step from black to white has about 0.4 after the smoothing.

    Source: Canny 1986.
    """
    grey = image[..., :3] @ torch.tensor(LUMA)
    across, down = _gradient(_smoothed(grey))
    slope = (across**2 + down**2 + 1e-6).sqrt()
    crests = slope * _is_crest(slope, across, down)
    edges = _grown(crests > high_threshold, crests > low_threshold)
    return edges.float()[..., None].expand(-1, -1, -1, 3).contiguous()


def _smoothed(grey: Tensor) -> Tensor:
    """A 5 x 5 Gaussian of standard deviation 1. Shapes: [b h w]."""
    bell = torch.exp(-(torch.arange(-2.0, 3.0) ** 2) / 2)
    bell = bell / bell.sum()
    padded = functional.pad(grey[:, None], (2, 2, 2, 2), mode="reflect")
    return functional.conv2d(padded, (bell[:, None] * bell)[None, None])[:, 0]


def _gradient(grey: Tensor) -> tuple[Tensor, Tensor]:
    """Sobel differences to the right and down, weights summing to 1. Shapes: [b h w]."""
    kernel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    padded = functional.pad(grey[:, None], (1, 1, 1, 1), mode="replicate")
    slopes = functional.conv2d(padded, torch.stack([kernel, kernel.T])[:, None])
    return slopes[:, 0], slopes[:, 1]


def _is_crest(slope: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """Whether a slope is steeper than both neighbours in its own direction. Shapes: [b h w]."""
    direction = torch.round(torch.atan2(down, across) * (4 / torch.pi)).long() % 4
    padded = functional.pad(slope, (1, 1, 1, 1))
    height, width = slope.shape[1:]
    crest = torch.zeros_like(slope, dtype=torch.bool)
    for index, (dy, dx) in enumerate(NEIGHBOURS):
        ahead = padded[:, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        behind = padded[:, 1 - dy : 1 - dy + height, 1 - dx : 1 - dx + width]
        crest |= (direction == index) & (slope > ahead) & (slope > behind)
    return crest


def _grown(strong: Tensor, weak: Tensor) -> Tensor:
    """Strong points and the weak ones that touch them, directly or through others. Shapes: bool [b h w]."""
    while True:
        near = functional.max_pool2d(strong[:, None].float(), 3, stride=1, padding=1)[:, 0] > 0
        grown = strong | (near & weak)
        if torch.equal(grown, strong):
            return strong
        strong = grown
