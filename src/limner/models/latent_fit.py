"""How latents look, measured: the linear map from a latent's channels to colours that an autoencoder itself implies.

It is fitted to pictures at random whose coarse parts have more contrast than fine ones, as in photographs.

Source: Field 1987, "Relations between the statistics of natural images and the response properties of cortical cells",
for amplitudes that fall with frequency.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from limner.models.autoencoder import Autoencoder
from limner.sampling.denoiser import LatentFormat

ELEMENTS, SIDE = 24, 8
"""Random pictures, times the elements in time of each; latent elements along a side."""

FINEST = 4
"""Pixels of the finest parts of a picture."""

CONTRAST, COLOUR = 0.4, 0.7
"""Deviation of the coarsest parts' lightness around grey, and that of their colours relative to it. Much is black or
white then, which is where a map that was fitted to greyish colours alone goes wrong.
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
    """Preview factors by least squares, from random pictures and their latents.

    A video's element is measured where the picture stands still: one that stands for a single frame, and one for more.

    Cost: encodes 24 pictures of 8 x 8 latent elements, or 12 videos of two elements; half a second for an autoencoder
    of 3 M parameters.
    """
    pictures = random_pictures(ELEMENTS // 2 if latent_format.frames else ELEMENTS, SIDE * autoencoder.downscale)
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


def random_pictures(count: int, side: int) -> Tensor:
    """Pictures whose octaves have half the contrast of the next coarser one. Shapes: returns [count 3 side side]."""
    generator = torch.Generator().manual_seed(0)
    total, parts, contrast = torch.full((count, 3, side, side), 0.5), 1, CONTRAST
    while parts * FINEST <= side:
        grey = torch.randn(count, 1, parts, parts, generator=generator)
        colours = torch.randn(count, 3, parts, parts, generator=generator) * COLOUR
        total += interpolate(grey + colours, size=(side, side), mode="bilinear") * contrast
        parts, contrast = parts * 2, contrast / 2
    return total.clamp(0, 1)


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
