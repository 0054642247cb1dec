"""Colours of two images joined into one."""

from collections.abc import Callable
from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Choice, Flags, Socket, node
from limner.media.resize import resize_images, resize_masks
from limner.nodes.images_batch import with_channels
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import Position, Share


def _overlay(under: Tensor, over: Tensor) -> Tensor:
    return torch.where(under <= 0.5, 2 * under * over, 1 - 2 * (1 - under) * (1 - over))


def _soft_light(under: Tensor, over: Tensor) -> Tensor:
    """Source: W3C, Compositing and Blending Level 1, section 10.1.11."""
    lighter = torch.where(under <= 0.25, ((16 * under - 12) * under + 4) * under, under.clamp(min=0).sqrt())
    dark = under - (1 - 2 * over) * under * (1 - under)
    return torch.where(over <= 0.5, dark, under + (2 * over - 1) * (lighter - under))


MODES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "normal": lambda _under, over: over,
    "multiply": lambda under, over: under * over,
    "screen": lambda under, over: 1 - (1 - under) * (1 - over),
    "overlay": _overlay,
    "soft_light": _soft_light,
    "difference": lambda under, over: under - over,
}


@node(name="ImageBlend", title="ImageBlend", category="image/postprocessing")
def image_blend(
    *,
    image1: IMAGE,
    image2: IMAGE,
    blend_factor: Share = 0.5,
    blend_mode: Annotated[str, Choice(*MODES)],
) -> IMAGE:
    """The first image mixed with what a blend mode makes of both; factor 0 gives the first image."""
    if image1.shape[1:3] != image2.shape[1:3]:
        image2 = resize_images(image2, image1.shape[2], image1.shape[1], "bicubic", "center")
    channels = max(image1.shape[-1], image2.shape[-1])
    under, over = with_channels(image1, channels), with_channels(image2, channels)
    return (under * (1 - blend_factor) + MODES[blend_mode](under, over) * blend_factor).clamp(0, 1)


@node(name="ImageInvert", title="Invert Image", category="image")
def image_invert(*, image: IMAGE) -> IMAGE:
    """The negative of an image."""
    return 1.0 - image


@node(name="ImageCompositeMasked", title="ImageCompositeMasked", category="image")
def image_composite_masked(
    *,
    destination: IMAGE,
    source: IMAGE,
    x: Position = 0,
    y: Position = 0,
    resize_source: bool = False,
    mask: Annotated[Tensor | None, Socket("MASK"), Flags(optional=True)] = None,
) -> IMAGE:
    """The source laid over the destination at (x, y), where the mask is 1; without a mask all of it.

    The mask is stretched over the source. What lies outside the destination is left out.
    """
    channels = max(destination.shape[-1], source.shape[-1])
    result = with_channels(destination, channels).clone()
    if resize_source:
        source = resize_images(source, result.shape[2], result.shape[1], "bilinear")
    height, width = source.shape[1:3]
    weight = torch.ones(1, height, width) if mask is None else resize_masks(mask, width, height)
    rows, columns = min(height, result.shape[1] - y), min(width, result.shape[2] - x)
    if rows <= 0 or columns <= 0:
        return result
    patch = _repeated(with_channels(source, channels), result.shape[0])[:, :rows, :columns]
    weight = _repeated(weight, result.shape[0])[:, :rows, :columns, None]
    place = result[:, y : y + rows, x : x + columns]
    place.copy_(weight * patch + (1 - weight) * place)
    return result


def _repeated(batch: Tensor, count: int) -> Tensor:
    """The batch repeated in turn, or cut, to a number of items."""
    return batch[torch.arange(count) % batch.shape[0]]
