"""The x2 latent upscaler: CLIP ViT-L, its last layer before its norm, and the pooled vector before any projection.

Source: diffusers' StableDiffusionLatentUpscalePipeline.
"""

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.recipe import Slot, TextRecipe, joined_alone

SD_X2_UPSCALER = TextRecipe(
    name="sd_x2_upscaler",
    doc="CLIP ViT-L, the last layer before its norm.",
    slots=(Slot("clip_l", ("clip",), ChunkReading(layer=-1, normed=False, projected=False)),),
    join=joined_alone,
    types=("sd_x2_upscaler",),
)
