"""Stable Diffusion XL: two of CLIP's encoders, side by side.

Source: Podell et al. 2023, section 2.1.
"""

from collections.abc import Mapping

import torch

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe, joined_alone


def _join(reads: Mapping[str, Read]) -> Joined:
    states = torch.cat([read.states for read in reads.values()], dim=-1)
    return states, {"pooled_output": reads["clip_g"].pooled}


SDXL = TextRecipe(
    name="sdxl",
    doc="CLIP ViT-L and OpenCLIP ViT-bigG, the layers before the last, joined channel by channel.",
    slots=(
        Slot("clip_l", ("clip",), ChunkReading(layer=-2, normed=False), ("te1",)),
        Slot("clip_g", ("clip",), ChunkReading(padding=0, layer=-2, normed=False), ("te2",)),
    ),
    join=_join,
    types=("sdxl", "stable_diffusion"),
)

SDXL_REFINER = TextRecipe(
    name="sdxl_refiner",
    doc="OpenCLIP ViT-bigG, the layer before the last.",
    slots=(Slot("clip_g", ("clip",), ChunkReading(padding=0, layer=-2, normed=False), ("te2", "te")),),
    join=joined_alone,
    types=("sdxl_refiner", "stable_diffusion"),
)
