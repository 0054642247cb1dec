"""What HunyuanImage's refiner is told beside the text: the picture that it draws again."""

from typing import Annotated

import torch

from limner.graph.declare import Number, node
from limner.models.parts.hunyuan_image_pass import AUGMENTATION
from limner.nodes.conditioning import with_options
from limner.nodes.sockets import CONDITIONING, LATENT


@node(
    name="HunyuanRefinerLatent",
    title="HunyuanRefinerLatent",
    category="sd",
    outputs=("positive", "negative", "latent"),
)
def hunyuan_refiner_latent(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    latent: LATENT,
    noise_augmentation: Annotated[float, Number(min=0.0, max=1.0, step=0.01)] = 0.1,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Lets HunyuanImage's refiner draw a picture again, which came from its own autoencoder.

    The refiner sees the picture under noise, whose share is ``noise_augmentation``: more of it leaves more to the
    refiner. The latent to sample is an empty one of the same size.
    """
    told = {"concat_latent_image": latent["samples"], AUGMENTATION: noise_augmentation}
    empty = {"samples": torch.zeros_like(latent["samples"])}
    return with_options(positive, **told), with_options(negative, **told), empty
