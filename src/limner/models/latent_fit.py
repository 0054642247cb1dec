"""How latents look, measured: the linear map from a latent's channels to colours that an autoencoder itself implies."""

from dataclasses import replace

import torch
from torch.nn.functional import avg_pool2d, interpolate

from limner.models.autoencoder import Autoencoder
from limner.sampling.denoiser import LatentFormat

PICTURES, PATCHES, SIDE = 24, 4, 8
"""Random pictures, coloured patches along a side of each, latent elements along it."""

RIDGE = 1e-3
"""Keeps channels that say little about colour from taking large factors."""


def fitted_format(latent_format: LatentFormat, autoencoder: Autoencoder) -> LatentFormat:
    """The format with preview factors fitted by least squares to smooth random pictures.

    Cost: encodes 24 pictures of 8 x 8 latent elements; half a second for an autoencoder of 3 M parameters.
    """
    generator = torch.Generator().manual_seed(0)
    patches = torch.rand(PICTURES, 3, PATCHES, PATCHES, generator=generator)
    side = SIDE * autoencoder.downscale
    pictures = interpolate(patches, size=(side, side), mode="bilinear")
    shown = pictures.movedim(1, -1).split(1)  # each alone, so that none of them counts as a video's frame
    latents = latent_format.to_model(torch.cat([autoencoder.encode(picture) for picture in shown]))
    seen = latents.movedim(1, -1).reshape(-1, latents.shape[1]).double()
    seen = torch.cat([seen, torch.ones(len(seen), 1, dtype=torch.float64)], dim=1)
    wanted = avg_pool2d(pictures * 2.0 - 1.0, autoencoder.downscale).movedim(1, -1).reshape(-1, 3).double()
    square = seen.T @ seen
    factors = torch.linalg.solve(square + RIDGE * len(seen) * torch.eye(len(square)), seen.T @ wanted)
    rows = [(float(red), float(green), float(blue)) for red, green, blue in factors]
    return replace(latent_format, rgb=tuple(rows[:-1]), rgb_bias=rows[-1])
