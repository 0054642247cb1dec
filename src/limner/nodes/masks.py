"""Masks: float32 [b h w], 1 = masked."""

from collections.abc import Callable
from typing import Annotated

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from limner.graph.declare import Choice, Number, node
from limner.graph.errors import NumericsError
from limner.media.resize import resize_masks
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import LARGEST_SIDE, Colour, Position, Share, Side

CHANNELS = ("red", "green", "blue", "alpha")


def stacked(mask: Tensor) -> Tensor:
    """A mask as a batch. Shapes: [b h w] or [h w]; returns [b h w]."""
    return mask.reshape(-1, *mask.shape[-2:])


@node(name="MaskToImage", title="Convert Mask to Image", category="mask")
def mask_to_image(*, mask: MASK) -> IMAGE:
    """A grey picture of a mask: white is masked."""
    return stacked(mask)[..., None].expand(-1, -1, -1, 3)


@node(name="ImageToMask", title="Convert Image to Mask", category="mask")
def image_to_mask(*, image: IMAGE, channel: Annotated[str, Choice(*CHANNELS)]) -> MASK:
    """One channel of an image as a mask."""
    index = CHANNELS.index(channel)
    if index >= image.shape[-1]:
        raise NumericsError(
            f"The image has {image.shape[-1]} channels and no {channel}: choose another channel, or take the mask of "
            "the node that loads the picture."
        )
    return image[..., index]


@node(name="ImageColorToMask", title="ImageColorToMask", category="mask")
def image_color_to_mask(*, image: IMAGE, color: Colour = 0) -> MASK:
    """Masks the pixels of exactly one colour, given as 24-bit number 0xRRGGBB."""
    levels = (image[..., :3].clamp(0, 1) * 255.0).round().to(torch.int64)
    return ((levels[..., 0] << 16) + (levels[..., 1] << 8) + levels[..., 2] == color).float()


@node(name="SolidMask", title="SolidMask", category="mask")
def solid_mask(*, value: Share = 1.0, width: Side = 512, height: Side = 512) -> MASK:
    """A mask of one value."""
    return torch.full((1, height, width), value, dtype=torch.float32)


@node(name="InvertMask", title="InvertMask", category="mask")
def invert_mask(*, mask: MASK) -> MASK:
    """Masked becomes free and the other way round."""
    return 1.0 - mask


@node(name="CropMask", title="CropMask", category="mask")
def crop_mask(*, mask: MASK, x: Position = 0, y: Position = 0, width: Side = 512, height: Side = 512) -> MASK:
    """The part of a mask from (x, y) on."""
    return stacked(mask)[:, y : y + height, x : x + width]


@node(name="ThresholdMask", title="ThresholdMask", category="mask")
def threshold_mask(*, mask: MASK, value: Share = 0.5) -> MASK:
    """A hard mask: 1 where the mask is above a value, 0 elsewhere."""
    return (mask > value).float()


def _bits(operation: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """An operation on rounded masks."""
    return lambda under, over: operation(under.round().bool(), over.round().bool()).float()


COMPOSITES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "multiply": torch.mul,
    "add": torch.add,
    "subtract": torch.sub,
    "and": _bits(torch.bitwise_and),
    "or": _bits(torch.bitwise_or),
    "xor": _bits(torch.bitwise_xor),
}


@node(name="MaskComposite", title="MaskComposite", category="mask")
def mask_composite(
    *,
    destination: MASK,
    source: MASK,
    x: Position = 0,
    y: Position = 0,
    operation: Annotated[str, Choice(*COMPOSITES)],
) -> MASK:
    """Combines a mask with another one that is laid over it at (x, y). Values stay within 0 and 1."""
    result, patch = stacked(destination).clone(), stacked(source)
    place = result[:, y : y + patch.shape[1], x : x + patch.shape[2]]
    if place.numel():
        place.copy_(COMPOSITES[operation](place, patch[:, : place.shape[1], : place.shape[2]]))
    return result.clamp(0.0, 1.0)


@node(name="FeatherMask", title="FeatherMask", category="mask")
def feather_mask(
    *, mask: MASK, left: Position = 0, top: Position = 0, right: Position = 0, bottom: Position = 0
) -> MASK:
    """Fades a mask towards its sides over so many pixels."""
    result = stacked(mask).clone()
    height, width = result.shape[1:]
    result *= _fade(width, min(left, width), min(right, width))
    result *= _fade(height, min(top, height), min(bottom, height))[:, None]
    return result


def _fade(length: int, before: int, after: int) -> Tensor:
    """Factors along one axis: a rise over ``before`` items and a fall over ``after``.

    The fall is counted from index -0, which is the first item: saved workflows expect that the first item gets the
    fall's smallest factor, and the last item its second. Shapes: returns [length].
    """
    factors = torch.ones(length)
    for step in range(before):
        factors[step] *= (step + 1) / before
    for step in range(after):
        factors[-step] *= (step + 1) / after
    return factors


@node(name="GrowMask", title="GrowMask", category="mask")
def grow_mask(
    *,
    mask: MASK,
    expand: Annotated[int, Number(min=-LARGEST_SIDE, max=LARGEST_SIDE, step=1)] = 0,
    tapered_corners: bool = True,
) -> MASK:
    """Grows the masked area by so many pixels, or shrinks it by a negative number. Tapered: corners grow slower."""
    corner = 0 if tapered_corners else 1
    footprint = np.array([[corner, 1, corner], [1, 1, 1], [corner, 1, corner]])
    change = ndimage.grey_erosion if expand < 0 else ndimage.grey_dilation
    planes = []
    for plane in stacked(mask):
        values = plane.numpy()
        for _ in range(min(abs(expand), max(values.shape))):
            values = change(values, footprint=footprint)
        planes.append(torch.from_numpy(values))
    return torch.stack(planes)


@node(
    name="SplitImageWithAlpha", title="Split Image with Alpha", category="mask/compositing", outputs=("IMAGE", "MASK")
)
def split_image_with_alpha(*, image: IMAGE) -> tuple[IMAGE, MASK]:
    """The colours of an image, and what is transparent in it as a mask."""
    opaque = image[..., 3] if image.shape[-1] > 3 else torch.ones(image.shape[:3])
    return image[..., :3], 1.0 - opaque


@node(name="JoinImageWithAlpha", title="Join Image with Alpha", category="mask/compositing")
def join_image_with_alpha(*, image: IMAGE, alpha: MASK) -> IMAGE:
    """An image that is transparent where the mask is 1. The shorter of the two batches is repeated in turn."""
    opaque = 1.0 - resize_masks(alpha, image.shape[2], image.shape[1])
    count = torch.arange(max(image.shape[0], opaque.shape[0]))
    return torch.cat([image[count % image.shape[0]][..., :3], opaque[count % opaque.shape[0]][..., None]], dim=-1)
