"""Stable Diffusion 1: CLIP ViT-L, its last layer."""

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.recipe import Slot, TextRecipe, joined_alone

SD1 = TextRecipe(
    name="sd1",
    doc="CLIP ViT-L, the last layer, normed.",
    slots=(Slot("clip_l", ("clip",), ChunkReading()),),
    join=joined_alone,
    types=("sd1", "stable_diffusion"),
)
