"""What control networks of transformers look at: latents of pictures, with a mask where they paint into a hole."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from limner.models.control.control import HintRequest

HOLE = -1.0
"""What hidden pixels are, in -1 to 1."""


def latent_hint(request: HintRequest) -> Tensor:
    """The picture as a latent at the network's scale. Shapes: returns [1 c h w]."""
    return request.encoded()


def inpainting_hint(request: HintRequest) -> Tensor:
    """The picture with its hole hidden, as a latent, and where it is kept. Shapes: returns [1 c+1 h w]."""
    mask = torch.zeros_like(request.picture[:, :1]) if request.mask is None else request.mask
    hidden = torch.where(mask > 0.5, torch.full_like(request.picture, (HOLE + 1) / 2), request.picture)
    latent = HintRequest(hidden, request.latent, request.latent_format, request.autoencoder).encoded()
    kept = 1.0 - interpolate((mask > 0.5).float(), size=latent.shape[-2:], mode="nearest")
    return torch.cat([latent, kept.to(latent)], dim=1)
