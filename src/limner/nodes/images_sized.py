"""Pictures and masks at other sizes and in batches, as newer workflows ask for them."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Choice, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.graph.node_type import Input
from limner.media.resize import CROPS, IMAGE_METHODS, kept_aspect, resize, resize_images, scale_to_pixels
from limner.nodes.growing import choice_with_inputs, given, repeated
from limner.nodes.images_batch import with_channels
from limner.nodes.images_size import MEGAPIXEL
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import LARGEST_SIDE

PICTURE_OR_MASK = "IMAGE,MASK"
SIDE = ("INT", {"default": 512, "min": 0, "max": LARGEST_SIDE, "step": 1})
LONGEST_BATCH = 50

RESIZE_TYPES = {
    "scale dimensions": {
        "width": SIDE,
        "height": SIDE,
        "crop": ("COMBO", {"options": list(CROPS), "default": "center"}),
    },
    "scale by multiplier": {"multiplier": ("FLOAT", {"default": 1.0, "min": 0.01, "max": 8.0, "step": 0.01})},
    "scale longer dimension": {"longer_size": SIDE},
    "scale total pixels": {"megapixels": ("FLOAT", {"default": 1.0, "min": 0.01, "max": 16.0, "step": 0.01})},
}
"""The ways to say a size that are known from workflows, and their inputs."""


def _by_sides(width: int, height: int, told: Mapping[str, Any]) -> tuple[int, int]:
    wanted = told["width"], told["height"]
    return (width, height) if wanted == (0, 0) else kept_aspect(*wanted, width, height)


def _by_factor(width: int, height: int, told: Mapping[str, Any]) -> tuple[int, int]:
    return round(width * told["multiplier"]), round(height * told["multiplier"])


def _by_longer(width: int, height: int, told: Mapping[str, Any]) -> tuple[int, int]:
    factor = told["longer_size"] / max(width, height)
    return round(width * factor), round(height * factor)


def _by_pixels(width: int, height: int, told: Mapping[str, Any]) -> tuple[int, int]:
    return scale_to_pixels(width, height, int(told["megapixels"] * MEGAPIXEL))


SIZES: Mapping[str, Callable[[int, int, Mapping[str, Any]], tuple[int, int]]] = {
    "scale dimensions": _by_sides,
    "scale by multiplier": _by_factor,
    "scale longer dimension": _by_longer,
    "scale total pixels": _by_pixels,
}


def _size(kind: str, width: int, height: int, told: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height that are asked for.

    Raises:
        NumericsError: if the way is not known or lacks an input.
    """
    if kind not in SIZES:
        raise NumericsError(f"{kind!r} is no known way to say a size. Known: {', '.join(SIZES)}.")
    lacking = [name for name in RESIZE_TYPES[kind] if name not in told and name != "crop"]
    if lacking:
        raise NumericsError(f"{kind!r} needs resize_type.{lacking[0]}, which is not there.")
    wide, high = SIZES[kind](width, height, told)
    return min(max(1, wide), LARGEST_SIDE), min(max(1, high), LARGEST_SIDE)


@node(
    name="ResizeImageMaskNode",
    title="Resize Image/Mask",
    category="image/transform",
    outputs=("resized",),
    inputs=(
        Input(name="input", type=PICTURE_OR_MASK),
        *choice_with_inputs("resize_type", RESIZE_TYPES),
        Input(name="scale_method", type="COMBO", choices=IMAGE_METHODS, options={"default": "area"}),
    ),
)
def resize_image_mask(**inputs: Any) -> Annotated[Tensor, Socket(PICTURE_OR_MASK)]:
    """Pictures or masks at another size: given sides, a factor, the longer side, or a number of pixels.

    Newer than ComfyUI 0.3.64. A side of 0 keeps the aspect ratio.
    """
    samples, kind, method = inputs["input"], str(inputs["resize_type"]), str(inputs["scale_method"])
    told = given(inputs, "resize_type")
    size = _size(kind, samples.shape[2], samples.shape[1], told)
    crop = str(told.get("crop", "disabled"))
    if samples.ndim == 4:
        return resize_images(samples, *size, method, crop)
    return resize(samples[:, None], *size, method, crop)[:, 0].clamp(0.0, 1.0)


def _numbered(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(LONGEST_BATCH))


@node(
    name="BatchImagesNode",
    title="Batch Images",
    category="image",
    inputs=repeated("images", "IMAGE", "image", _numbered("image"), 1),
)
def batch_images(**images: Any) -> IMAGE:
    """All linked pictures as one batch, at the size of the first.

    Newer than ComfyUI 0.3.64. Lacking transparency is filled opaque.
    """
    linked: list[Tensor] = list(given(images, "images").values())
    height, width = linked[0].shape[1:3]
    same = [
        image if image.shape[1:3] == (height, width) else resize_images(image, width, height, "bilinear", "center")
        for image in linked
    ]
    channels = max(image.shape[-1] for image in same)
    return torch.cat([with_channels(image, channels) for image in same])


@node(
    name="BatchMasksNode",
    title="Batch Masks",
    category="mask",
    inputs=repeated("masks", "MASK", "mask", _numbered("mask"), 1),
)
def batch_masks(**masks: Any) -> MASK:
    """All linked masks as one batch, at the size of the first.

    Newer than ComfyUI 0.3.64.
    """
    linked: list[Tensor] = [mask.reshape(-1, *mask.shape[-2:]) for mask in given(masks, "masks").values()]
    height, width = linked[0].shape[1:]
    same = [
        mask if mask.shape[1:] == (height, width) else resize(mask[:, None], width, height, "bilinear", "center")[:, 0]
        for mask in linked
    ]
    return torch.cat(same)


def _ratio(label: str) -> float | None:
    """Width by height of a label such as ``16:9 (Widescreen)``."""
    found = re.match(r"\s*(\d{1,4})\s*:\s*(\d{1,4})\b", label)
    return int(found[1]) / int(found[2]) if found and int(found[1]) and int(found[2]) else None


def _is_ratio(*, aspect_ratio: str | None) -> bool | str:
    """Labels differ between versions; their beginning says what is meant."""
    if aspect_ratio is None or _ratio(aspect_ratio):
        return True
    return f"{aspect_ratio!r} is no aspect ratio: it should begin like 16:9."


@node(
    name="ResolutionSelector",
    title="Resolution Selector",
    category="utils",
    outputs=("width", "height"),
    validate=_is_ratio,
)
def resolution_selector(
    *,
    aspect_ratio: Annotated[str, Choice("1:1 (Square)", "16:9 (Widescreen)", "9:16 (Portrait Widescreen)")],
    megapixels: Annotated[float, Number(min=0.01, max=64.0, step=0.01)] = 1.0,
    multiple: Annotated[int, Number(min=1, max=256)] = 8,
) -> tuple[int, int]:
    """Width and height of about so many megapixels (1024 x 1024 each) in an aspect ratio.

    Newer than ComfyUI 0.3.64. Both are rounded to a multiple of a number.
    """
    ratio = _ratio(aspect_ratio) or 1.0
    width = math.sqrt(megapixels * MEGAPIXEL * ratio)
    rounded = (max(multiple, round(side / multiple) * multiple) for side in (width, width / ratio))
    wide, high = rounded
    return wide, high
