"""Pictures and latents enlarged by diffusion: what such networks are told of the small ones."""

from typing import Annotated

import torch

from limner.graph.declare import Number, node
from limner.media.resize import resize_images
from limner.models.families.sd_x2_upscaler import LOW_LATENT
from limner.models.parts.low_picture import LOW_PICTURE, noised_picture
from limner.models.parts.per_sample import PerSample
from limner.nodes.autoencoding import COLOURS
from limner.nodes.conditioning import with_options
from limner.nodes.growing import OWN
from limner.nodes.sockets import CONDITIONING, IMAGE, LATENT

CHANNELS, FACTOR = 4, 4
"""Of a latent; how much larger the picture gets that it stands for."""


@node(
    name="SD_4XUpscale_Conditioning",
    title="SD_4XUpscale_Conditioning",
    category="conditioning/upscale_diffusion",
    outputs=("positive", "negative", "latent"),
)
def sd_4x_upscale_conditioning(
    *,
    images: IMAGE,
    positive: CONDITIONING,
    negative: CONDITIONING,
    scale_ratio: Annotated[float, Number(min=0.0, max=10.0, step=0.01)] = 4.0,
    noise_augmentation: Annotated[float, Number(min=0.0, max=1.0, step=0.001)] = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Shows the x4 upscaler small pictures, and gives the empty latents of large ones.

    The network enlarges fourfold; for another ``scale_ratio`` the pictures are resized before. Noise on them, always
    the same, lets it invent more: ``noise_augmentation`` 1 is the most that it was trained with.
    """
    width, height = (max(1, round(side * scale_ratio / FACTOR)) for side in (images.shape[2], images.shape[1]))
    small = resize_images(images[..., :COLOURS].float(), width, height, "bilinear", "center")
    picture = noised_picture(small.movedim(-1, 1) * 2.0 - 1.0, noise_augmentation)
    told = {LOW_PICTURE: picture}
    empty = torch.zeros(len(images), CHANNELS, height, width)
    return with_options(positive, **told), with_options(negative, **told), {"samples": empty}


@node(
    name="LatentUpscaleConditioning",
    title="Latent Upscale Conditioning",
    category="conditioning/upscale_diffusion",
    outputs=("positive", "negative", "latent"),
    module=OWN,
)
def latent_upscale_conditioning(
    *, samples: LATENT, positive: CONDITIONING, negative: CONDITIONING
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Shows the x2 latent upscaler small latents of Stable Diffusion 1 or 2, and gives empty ones of twice the size."""
    small = samples["samples"]
    told = {LOW_LATENT: PerSample(small)}
    count, channels, height, width = small.shape
    empty = torch.zeros(count, channels, 2 * height, 2 * width)
    return with_options(positive, **told), with_options(negative, **told), {"samples": empty}
