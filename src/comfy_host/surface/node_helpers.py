"""``node_helpers``: small things that nodes share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import torch
from PIL import ImageFile, UnidentifiedImageError

from comfy_host.context import host
from comfy_host.missing import absent


def conditioning_set_values(
    conditioning: list[Any], values: dict[str, Any] | None = None, append: bool = False
) -> list[Any]:
    """A conditioning whose entries have further values; with ``append``, lists are added to those that are there."""
    changed = []
    for tensor, options in conditioning:
        options = dict(options)
        for key, value in (values or {}).items():
            known = options.get(key)
            options[key] = known + value if append and known is not None else value
        changed.append([tensor, options])
    return changed


def pillow(fn: Callable[[Any], Any], arg: Any) -> Any:
    """What a function of Pillow gives; a picture that is cut off is tried again with leniency."""
    try:
        return fn(arg)
    except (OSError, UnidentifiedImageError, ValueError):
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            return fn(arg)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def hasher() -> Callable[..., Any]:
    """The hash function that was chosen at start."""
    return getattr(hashlib, str(host().arguments.get("default_hashing_function", "sha256")))


def string_to_torch_dtype(string: str) -> torch.dtype | None:
    """The type that a name means; None for another name."""
    return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}.get(string)


def image_alpha_fix(destination: torch.Tensor, source: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two pictures with as many channels: the second loses what it has too many of, or gains an opaque alpha."""
    if destination.shape[-1] < source.shape[-1]:
        source = source[..., : destination.shape[-1]]
    elif destination.shape[-1] > source.shape[-1]:
        destination = torch.nn.functional.pad(destination, (0, 1))
        destination[..., -1] = 1.0
    return destination, source


__getattr__ = absent(__name__)
