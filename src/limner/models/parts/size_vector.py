"""The numbers that SDXL networks are told beside the text: sizes, crops, an aesthetic score.

Source: Podell et al. 2023, section 2.2. The network turns each number into sinusoidal features itself.
Pictures that an entry brings (``unCLIPConditioning``) take the place of its pooled text.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from limner.models.parts.unclip import PICTURES, as_pooled

POOLED = 1280
"""Length of the pooled text vector of the OpenCLIP encoder."""

PIXELS = 8
"""Per latent element."""


def base_vector(entry: Mapping[str, Any], latent: Tensor) -> dict[str, Tensor]:
    """Pooled text [1 1280] and height, width, crop, target height and width [1 6], in pixels.

    Sizes that the entry does not state are those of the picture.
    """
    height, width = _size(entry, latent)
    numbers = [height, width, entry.get("crop_h", 0), entry.get("crop_w", 0)]
    numbers += [entry.get("target_height", height), entry.get("target_width", width)]
    return _inputs(entry, numbers)


def refiner_vector(entry: Mapping[str, Any], latent: Tensor) -> dict[str, Tensor]:
    """Pooled text [1 1280] and height, width, crop, aesthetic score [1 5].

    Without a score, 6 for what is wanted and 2.5 for what is not (``prompt_type`` ``negative``), as the refiner was
    published.
    """
    height, width = _size(entry, latent)
    score = entry.get("aesthetic_score", 2.5 if entry.get("prompt_type") == "negative" else 6.0)
    return _inputs(entry, [height, width, entry.get("crop_h", 0), entry.get("crop_w", 0), score])


def _size(entry: Mapping[str, Any], latent: Tensor) -> tuple[float, float]:
    height, width = latent.shape[-2:]
    return entry.get("height", height * PIXELS), entry.get("width", width * PIXELS)


def _inputs(entry: Mapping[str, Any], numbers: list[float]) -> dict[str, Tensor]:
    pooled = entry.get("pooled_output")
    if entry.get(PICTURES):
        pooled = as_pooled(entry, POOLED)
    if pooled is None:
        pooled = torch.zeros(1, POOLED)
    return {"pooled": pooled[:1].float(), "sizes": torch.tensor([numbers], dtype=torch.float32)}
