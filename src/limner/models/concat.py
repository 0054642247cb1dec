"""What inpainting and pix2pix networks see beside the noisy latent: a mask and a latent picture."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from limner.sampling.denoiser import LatentFormat


def concat_input(entry: Mapping[str, Any], latent: Tensor, channels: int, latent_format: LatentFormat) -> Tensor:
    """The further input channels of one conditioning entry.

    An entry without them means: everything is to be drawn (mask 1, an empty picture).

    Args:
        entry: ``concat_mask`` [b 1 h w] with 1 = draw, ``concat_latent_image`` [b c h w] as stored.
        latent: For its size and channels.
        channels: How many the network wants: a latent's, or one more for the mask in front.
        latent_format: Scales the picture.

    Shapes: returns [1 channels h w], float32.
    """
    height, width = latent.shape[-2:]
    picture, mask = entry.get("concat_latent_image"), entry.get("concat_mask", entry.get("denoise_mask"))
    if picture is None:
        picture = torch.zeros(1, latent_format.channels, height, width)
    else:
        picture = _resized(latent_format.to_model(picture[:1].float()), height, width)
    if channels <= latent_format.channels:
        return picture[:, :channels]
    if mask is None:
        mask = torch.ones(1, 1, height, width)
    else:
        mask = _resized(mask.reshape(-1, 1, *mask.shape[-2:])[:1].float(), height, width)
    return torch.cat([mask, picture.to(mask.device)], dim=1)


def _resized(picture: Tensor, height: int, width: int) -> Tensor:
    if picture.shape[-2:] == (height, width):
        return picture
    return interpolate(picture, size=(height, width), mode="bilinear")
