"""What the stages of Stable Cascade tell each other, and pictures as their latents."""

from typing import Annotated

import torch

from limner.graph.declare import Number, node
from limner.media.resize import resize_images
from limner.models.families.stable_cascade_b import PRIOR
from limner.models.parts.per_sample import PerSample
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.conditioning import with_options
from limner.nodes.sockets import CONDITIONING, IMAGE, LATENT, VAE

CHANNELS, DOWNSCALE = 4, 4
"""Of stage B's latents."""


@node(
    name="StableCascade_StageB_Conditioning",
    title="StableCascade_StageB_Conditioning",
    category="conditioning/stable_cascade",
)
def stable_cascade_stage_b_conditioning(*, conditioning: CONDITIONING, stage_c: LATENT) -> CONDITIONING:
    """Shows stage B the latent that stage C made."""
    return with_options(conditioning, **{PRIOR: PerSample(stage_c["samples"])})


@node(
    name="StableCascade_StageC_VAEEncode",
    title="StableCascade_StageC_VAEEncode",
    category="latent/stable_cascade",
    outputs=("stage_c", "stage_b"),
)
def stable_cascade_stage_c_vae_encode(
    *, image: IMAGE, vae: VAE, compression: Annotated[int, Number(min=4, max=128, step=1)] = 42
) -> tuple[LATENT, LATENT]:
    """Pictures as latents of stage C, of so many pixels an element, and empty latents of their size for stage B."""
    encoder = present(vae)
    height, width = image.shape[1:3]
    tall, wide = (side // compression * encoder.downscale for side in (height, width))
    small = resize_images(image[..., :COLOURS].float(), wide, tall, "bicubic", "center").clamp(0.0, 1.0)
    empty = torch.zeros(len(image), CHANNELS, *(side // (2 * DOWNSCALE) * 2 for side in (height, width)))
    return {"samples": encoder.encode(small)}, {"samples": empty}
