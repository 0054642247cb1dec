"""How latents look, measured: the linear map from a latent's channels to colours that an autoencoder itself implies."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from limner.models.autoencoder import Autoencoder
from limner.sampling.denoiser import LatentFormat

ELEMENTS, PATCHES, SIDE = 24, 4, 8
"""Random pictures, times the elements in time of each; coloured patches along a side of each, latent elements along it.
"""

RIDGE = 1e-3
"""Keeps channels that say little about colour from taking large factors, relative to how much each varies."""

TINY = 1e-6


@dataclass(frozen=True)
class Fit:
    """What an autoencoder says of how latents of a format look.

    Attributes:
        latent_format: The format with preview factors.
        strangeness: How far the autoencoder's latents are from what the format expects, a mean of 0 and a deviation of
            1 in each channel: 0 if they are just that. It tells apart autoencoders of one shape.
    """

    latent_format: LatentFormat
    strangeness: float


def fitted_format(latent_format: LatentFormat, autoencoder: Autoencoder) -> LatentFormat:
    """The format with preview factors; see ``fit``."""
    return fit(latent_format, autoencoder).latent_format


def fit(latent_format: LatentFormat, autoencoder: Autoencoder) -> Fit:
    """Preview factors by least squares, from smooth random pictures and their latents.

    A video's element is measured where the picture stands still: one that stands for a single frame, and one for more.

    Cost: encodes 24 pictures of 8 x 8 latent elements, or 12 videos of two elements; half a second for an autoencoder
    of 3 M parameters.
    """
    generator = torch.Generator().manual_seed(0)
    count = ELEMENTS // 2 if latent_format.frames else ELEMENTS
    patches = torch.rand(count, 3, PATCHES, PATCHES, generator=generator)
    side = SIDE * autoencoder.downscale
    pictures = interpolate(patches, size=(side, side), mode="bilinear")
    still = 1 + latent_format.frames
    shown = pictures.movedim(1, -1).split(1)  # each alone, so that none of them counts as another's frame
    encoded = torch.cat([autoencoder.encode(picture.expand(still, -1, -1, -1)) for picture in shown])
    latents = latent_format.to_model(encoded).movedim(1, -1)
    wanted = avg_pool2d(pictures * 2.0 - 1.0, autoencoder.downscale).movedim(1, -1)
    if latents.ndim == 5:
        wanted = wanted.unsqueeze(1).expand(-1, latents.shape[1], -1, -1, -1)
    seen = latents.reshape(-1, latents.shape[-1]).double()
    rows = _least_squares(seen, wanted.reshape(-1, 3).double())
    return Fit(replace(latent_format, rgb=tuple(rows[:-1]), rgb_bias=rows[-1]), _strangeness(seen))


def _least_squares(seen: Tensor, wanted: Tensor) -> list[tuple[float, float, float]]:
    """Colours of each channel, and of a latent of zeros. Shapes: seen [n c], wanted [n 3]."""
    middle, spread, mean = seen.mean(dim=0), seen.std(dim=0).clamp(min=TINY), wanted.mean(dim=0)
    known = (seen - middle) / spread
    square = known.T @ known + RIDGE * len(known) * torch.eye(known.shape[1], dtype=known.dtype)
    factors = torch.linalg.solve(square, known.T @ (wanted - mean)) / spread[:, None]
    return [(float(red), float(green), float(blue)) for red, green, blue in [*factors, mean - middle @ factors]]


def _strangeness(seen: Tensor) -> float:
    """Shapes: seen [n c]."""
    spread = seen.std(dim=0).clamp(min=TINY).log()
    return float((seen.mean(dim=0) ** 2 + spread**2).mean())
