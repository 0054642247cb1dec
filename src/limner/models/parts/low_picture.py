"""The small picture that an upscaling network sees beside the latent, with noise on it that the network knows of.

Source: Ho et al. 2021, "Cascaded diffusion models", section 4 (conditioning augmentation).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from limner.models.family import InputRequest
from limner.sampling.parametrization import scaled_linear_betas

LOW_PICTURE = "low_picture"
"""The option of a conditioning entry."""

BETAS = (1e-4, 0.02)
"""First and last variance that noise adds, for pictures as for latents. Source: the published configuration."""

MOST = 350
"""The highest level that the network was trained with, of 1000."""


@dataclass(frozen=True)
class LowPicture:
    """Small pictures, noised; each sample of a batch takes its own.

    Attributes:
        pictures: [b 3 h w] around -1..1, noise included.
        level: How noisy they are, 0 to 999.
    """

    pictures: Tensor
    level: int

    @property
    def rows(self) -> int:
        """How many samples differ."""
        return len(self.pictures)

    def row(self, number: int) -> "LowPicture":
        """What one sample takes."""
        place = number % len(self.pictures)
        return LowPicture(self.pictures[place : place + 1], self.level)


def noised_picture(pictures: Tensor, augmentation: float) -> LowPicture:
    """Pictures brought to a share of the highest level, always by the same noise.

    Shapes: pictures [b 3 h w] in -1..1.
    Range: augmentation 0..1.
    """
    level = round(MOST * augmentation)
    kept = torch.cumprod(1.0 - scaled_linear_betas(*BETAS), dim=0)[level]
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(0))
    return LowPicture((kept.sqrt() * pictures + (1.0 - kept).sqrt() * noise).float(), level)


def low_picture_inputs(request: InputRequest) -> dict[str, Tensor]:
    """What the network is shown and told of the picture; an empty one without noise where there is none.

    Shapes: ``concat`` [1 3 h w], ``level`` [1] int64.
    """
    size = request.latent.shape[-2:]
    picture = _of(request.entry)
    if picture is None:
        return {"concat": torch.zeros(1, 3, *size), "level": torch.zeros(1, dtype=torch.int64)}
    shown = picture.pictures[:1]
    if shown.shape[-2:] != size:
        shown = interpolate(shown, size=size, mode="bilinear")
    return {"concat": shown, "level": torch.tensor([picture.level])}


def _of(entry: Mapping[str, Any]) -> LowPicture | None:
    found = entry.get(LOW_PICTURE)
    return found if isinstance(found, LowPicture) else None
