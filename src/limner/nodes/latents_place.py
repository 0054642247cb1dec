"""Where the parts of a latent lie: size, crops, turns, one latent inside another, mixtures."""

from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Flags, Number, Socket, node
from limner.media.resize import kept_aspect, resize, resize_masks
from limner.nodes.latents import DOWNSCALE, with_samples
from limner.nodes.sockets import LATENT
from limner.nodes.widgets import (
    QUARTER_TURNS,
    Crop,
    Flip,
    LatentMethod,
    LatentPosition,
    LatentSide,
    LatentSideOrZero,
    Rotation,
    ScaleFactor,
)

SMALLEST_SIDE = 64
"""Smallest width and height of an upscaled latent, in pixels."""


@node(name="LatentUpscale", title="Upscale Latent", category="latent")
def latent_upscale(
    *,
    samples: LATENT,
    upscale_method: LatentMethod,
    width: LatentSideOrZero = 512,
    height: LatentSideOrZero = 512,
    crop: Crop,
) -> LATENT:
    """Latents at a given size in pixels. 0 for one side keeps the aspect ratio, 0 for both changes nothing."""
    if width == 0 and height == 0:
        return samples
    source = samples["samples"]
    width, height = kept_aspect(width, height, source.shape[-1], source.shape[-2], SMALLEST_SIDE)
    return with_samples(samples, resize(source, width // DOWNSCALE, height // DOWNSCALE, upscale_method, crop))


@node(name="LatentUpscaleBy", title="Upscale Latent By", category="latent")
def latent_upscale_by(*, samples: LATENT, upscale_method: LatentMethod, scale_by: ScaleFactor = 1.5) -> LATENT:
    """Latents enlarged or reduced by a factor."""
    source = samples["samples"]
    width, height = (max(1, round(source.shape[axis] * scale_by)) for axis in (-1, -2))
    return with_samples(samples, resize(source, width, height, upscale_method))


@node(name="LatentFlip", title="Flip Latent", category="latent/transform")
def latent_flip(*, samples: LATENT, flip_method: Flip) -> LATENT:
    """Latents mirrored: upside down (x-axis) or left to right (y-axis)."""
    return with_samples(samples, torch.flip(samples["samples"], dims=[2 if flip_method.startswith("x") else 3]))


@node(name="LatentRotate", title="Rotate Latent", category="latent/transform")
def latent_rotate(*, samples: LATENT, rotation: Rotation) -> LATENT:
    """Latents turned clockwise."""
    return with_samples(samples, torch.rot90(samples["samples"], k=QUARTER_TURNS[rotation], dims=[3, 2]))


@node(name="LatentCrop", title="Crop Latent", category="latent/transform")
def latent_crop(
    *,
    samples: LATENT,
    width: LatentSide = 512,
    height: LatentSide = 512,
    x: LatentPosition = 0,
    y: LatentPosition = 0,
) -> LATENT:
    """The part of a latent from (x, y) on, in pixels. The origin is moved back so that something is left."""
    source = samples["samples"]
    left = max(0, min(x // DOWNSCALE, source.shape[3] - DOWNSCALE))
    top = max(0, min(y // DOWNSCALE, source.shape[2] - DOWNSCALE))
    return with_samples(samples, source[:, :, top : top + height // DOWNSCALE, left : left + width // DOWNSCALE])


@node(name="LatentComposite", title="Latent Composite", category="latent")
def latent_composite(
    *,
    samples_to: LATENT,
    samples_from: LATENT,
    x: LatentPosition = 0,
    y: LatentPosition = 0,
    feather: LatentPosition = 0,
) -> LATENT:
    """One latent laid into another at (x, y), in pixels, with edges that fade unless they touch the border."""
    result, source = samples_to["samples"].clone(), samples_from["samples"]
    left, top, soft = x // DOWNSCALE, y // DOWNSCALE, feather // DOWNSCALE
    place = result[:, :, top : top + source.shape[2], left : left + source.shape[3]]
    rows, columns = place.shape[2:]
    if place.numel():
        vertical = _edges(rows, soft, fade_in=top > 0, fade_out=top + rows < result.shape[2])
        horizontal = _edges(columns, soft, fade_in=left > 0, fade_out=left + columns < result.shape[3])
        weight = vertical[:, None] * horizontal
        place.copy_(source[:, :, :rows, :columns] * weight + place * (1.0 - weight))
    return with_samples(samples_to, result)


def _edges(length: int, soft: int, *, fade_in: bool, fade_out: bool) -> Tensor:
    """Weights along one axis that rise and fall linearly over ``soft`` elements. Shapes: returns [length]."""
    weights = torch.ones(length)
    soft = min(soft, length)
    if soft:
        rise = torch.arange(1, soft + 1) / soft
        weights[:soft] *= rise if fade_in else 1.0
        weights[length - soft :] *= rise.flip(0) if fade_out else 1.0
    return weights


@node(name="LatentCompositeMasked", title="LatentCompositeMasked", category="latent")
def latent_composite_masked(
    *,
    destination: LATENT,
    source: LATENT,
    x: LatentPosition = 0,
    y: LatentPosition = 0,
    resize_source: bool = False,
    mask: Annotated[Tensor | None, Socket("MASK"), Flags(optional=True)] = None,
) -> LATENT:
    """The source laid into the destination at (x, y), in pixels, where the mask is 1; without a mask all of it.

    The mask is stretched over the source. What lies outside the destination is left out.
    """
    result, patch = destination["samples"].clone(), source["samples"]
    if resize_source:
        patch = resize(patch, result.shape[3], result.shape[2], "bilinear")
    height, width = patch.shape[2:]
    weight = torch.ones(1, height, width) if mask is None else resize_masks(mask, width, height)
    left, top = x // DOWNSCALE, y // DOWNSCALE
    rows, columns = min(height, result.shape[2] - top), min(width, result.shape[3] - left)
    if rows > 0 and columns > 0:
        turns = torch.arange(result.shape[0])
        patch = patch[turns % patch.shape[0], :, :rows, :columns]
        weight = weight[turns % weight.shape[0], None, :rows, :columns]
        place = result[:, :, top : top + rows, left : left + columns]
        place.copy_(weight * patch + (1.0 - weight) * place)
    return with_samples(destination, result)


@node(name="LatentBlend", title="Latent Blend", category="_for_testing")
def latent_blend(
    *,
    samples1: LATENT,
    samples2: LATENT,
    blend_factor: Annotated[float, Number(min=0, max=1, step=0.01)] = 0.5,
) -> LATENT:
    """The weighted mean of two latents; factor 1 gives the first."""
    first, second = samples1["samples"], samples2["samples"]
    if first.shape != second.shape:
        second = resize(second, first.shape[3], first.shape[2], "bicubic", "center")
    return with_samples(samples1, first * blend_factor + second * (1 - blend_factor))
