"""Gaussian blur by pixels, for whoever looks at pictures at a scale."""

import math

import torch
from torch import Tensor
from torch.nn import functional

REACH = 3.0
"""Standard deviations after which the bell counts as zero."""


def bell(sigma: float) -> Tensor:
    """A sampled Gaussian that sums to 1. Units: sigma in pixels. Shapes: returns [2r+1]."""
    radius = max(1, math.ceil(REACH * sigma))
    places = torch.arange(-radius, radius + 1, dtype=torch.float32)
    weights = torch.exp(-(places**2) / (2 * sigma * sigma))
    return weights / weights.sum()


def blurred(planes: Tensor, sigma: float) -> Tensor:
    """Each channel blurred, the border repeated; itself at sigma 0. Units: pixels. Shapes: [b c h w]; returns alike."""
    if sigma <= 0:
        return planes
    weights = bell(sigma).to(planes)
    radius, channels = len(weights) // 2, planes.shape[1]
    padded = functional.pad(planes, (radius,) * 4, mode="replicate")
    across = weights.expand(channels, 1, 1, -1).contiguous()
    down = weights[:, None].expand(channels, 1, -1, 1).contiguous()
    return functional.conv2d(functional.conv2d(padded, across, groups=channels), down, groups=channels)
