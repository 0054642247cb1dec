"""Stable Diffusion 2: OpenCLIP ViT-H, the layer before the last."""

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.recipe import Slot, TextRecipe, joined_alone

SD2 = TextRecipe(
    name="sd2",
    doc="OpenCLIP ViT-H, the layer before the last, normed.",
    slots=(Slot("clip_h", ("clip",), ChunkReading(padding=0, layer=-2)),),
    join=joined_alone,
    types=("sd2", "stable_diffusion"),
)
