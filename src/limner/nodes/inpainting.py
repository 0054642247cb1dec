"""Latents of pictures of which a part is to be painted anew."""

import math
from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Number, node
from limner.media.resize import resize_masks
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.conditioning import with_options
from limner.nodes.sockets import CONDITIONING, IMAGE, LATENT, MASK, VAE

ERASED = 0.5
"""Grey of the masked part, before encoding."""


def fitted(pixels: Tensor, mask: Tensor, multiple: int) -> tuple[Tensor, Tensor]:
    """Pixels and mask of equal size, cut evenly to a multiple of what a latent element covers.

    Shapes: pixels [b h w c], mask [m h' w']; returns [b h w 3], [m 1 h w].
    """
    height, width = pixels.shape[1:3]
    stretched = resize_masks(mask, width, height)[:, None]
    rows, columns = height // multiple * multiple, width // multiple * multiple
    top, left = (height % multiple) // 2, (width % multiple) // 2
    place = (slice(top, top + rows), slice(left, left + columns))
    return pixels[:, place[0], place[1], :COLOURS], stretched[:, :, place[0], place[1]]


def erased(pixels: Tensor, mask: Tensor) -> Tensor:
    """Pixels that are grey where the mask is over a half. Shapes: pixels [b h w c], mask [m 1 h w]."""
    keep = 1.0 - mask.round()[:, 0, :, :, None]
    return (pixels - ERASED) * keep + ERASED


def grown(mask: Tensor, pixels: int) -> Tensor:
    """A hard mask, larger by about half of ``pixels`` on each side. Shapes: [m 1 h w]."""
    hard = mask.round()
    if pixels == 0:
        return hard
    padding = math.ceil((pixels - 1) / 2)
    sums = functional.conv2d(hard, torch.ones(1, 1, pixels, pixels), padding=padding)
    return sums.clamp(0, 1).round()[:, :, : mask.shape[2], : mask.shape[3]]


@node(name="VAEEncodeForInpaint", title="VAE Encode (for Inpainting)", category="latent/inpaint")
def vae_encode_for_inpaint(
    *,
    pixels: IMAGE,
    vae: VAE,
    mask: MASK,
    grow_mask_by: Annotated[int, Number(min=0, max=64, step=1)] = 6,
) -> LATENT:
    """Latents of pictures with the masked part erased; only that part, grown a little, will be painted.

    For full repainting (denoise 1). To keep something of the old content use VAEEncode and SetLatentNoiseMask.
    """
    network = present(vae)
    picture, hole = fitted(pixels, mask, network.downscale)
    return {"samples": network.encode(erased(picture, hole)), "noise_mask": grown(hole, grow_mask_by)}


@node(
    name="InpaintModelConditioning",
    title="InpaintModelConditioning",
    category="conditioning/inpaint",
    outputs=("positive", "negative", "latent"),
)
def inpaint_model_conditioning(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    pixels: IMAGE,
    mask: MASK,
    noise_mask: bool = True,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Shows an inpainting network the picture with its hole, and gives the picture's latent to paint in.

    With ``noise_mask`` nothing outside the hole changes; without it the network may adapt the surroundings.
    """
    network = present(vae)
    picture, hole = fitted(pixels, mask, network.downscale)
    shown = {"concat_latent_image": network.encode(erased(picture, hole)), "concat_mask": hole}
    latent = {"samples": network.encode(picture)} | ({"noise_mask": hole} if noise_mask else {})
    return with_options(positive, **shown), with_options(negative, **shown), latent
