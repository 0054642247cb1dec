"""Stable Cascade: OpenCLIP ViT-bigG, its last layer, without a look at what fills up a chunk.

Source: Pernias et al. 2023, "Wuerstchen"; the published pipeline.
"""

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.recipe import Slot, TextRecipe, joined_alone

STABLE_CASCADE = TextRecipe(
    name="stable_cascade",
    doc="OpenCLIP ViT-bigG, the last layer before its norm.",
    slots=(Slot("clip_g", ("clip",), ChunkReading(layer=-1, normed=False, masked=True)),),
    join=joined_alone,
    types=("stable_cascade",),
)
