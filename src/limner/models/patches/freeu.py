"""FreeU: what comes from below counts more in a UNet's upward half, and the coarse part of skips less.

Source: Si et al. 2023, "FreeU: free lunch in diffusion U-Net", equations 4 to 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from limner.models.patches.patch import Hooks

COARSE = 1
"""Frequencies from the middle of the spectrum that count as coarse."""


@dataclass(frozen=True)
class FreeU:
    """The factors of the two deepest stages: those with four and with two times the UNet's first channels.

    Attributes:
        backbones: Factors of the first half of the channels from below; 1 changes nothing.
        skips: Factors of the skips' coarse part; 1 changes nothing.
        adaptive: Whether the factor follows the mean activation at each place, between 1 and the full factor.
    """

    backbones: tuple[float, float]
    skips: tuple[float, float]
    adaptive: bool

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""
        first = network.config.block_out_channels[0]
        stages = {
            first * width: factors
            for width, factors in zip((4, 2), zip(self.backbones, self.skips, strict=True), strict=True)
        }

        def patch(hidden: Tensor, skip: Tensor, options: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
            factors = stages.get(hidden.shape[1])
            if factors is None:
                return hidden, skip
            backbone, coarse = factors
            return amplified(hidden, backbone, adaptive=self.adaptive), damped(skip, coarse)

        hooks.add("output_block_patch", patch)


def amplified(hidden: Tensor, factor: float, *, adaptive: bool) -> Tensor:
    """The first half of the channels times a factor. Shapes: [n c h w]."""
    half = hidden.shape[1] // 2
    scale: Tensor | float = factor
    if adaptive:
        mean = hidden.mean(dim=1, keepdim=True)
        low, high = mean.amin(dim=(2, 3), keepdim=True), mean.amax(dim=(2, 3), keepdim=True)
        scale = (factor - 1) * (mean - low) / (high - low).clamp(min=1e-12) + 1
    return torch.cat([hidden[:, :half] * scale, hidden[:, half:]], dim=1)


def damped(skip: Tensor, factor: float) -> Tensor:
    """Skips whose frequencies near zero are scaled. Shapes: [n c h w]."""
    if factor == 1:
        return skip
    spectrum = torch.fft.fftshift(torch.fft.fft2(skip.float()), dim=(-2, -1))
    height, width = spectrum.shape[-2:]
    rows = slice(max(0, height // 2 - COARSE), height // 2 + COARSE)
    columns = slice(max(0, width // 2 - COARSE), width // 2 + COARSE)
    spectrum[..., rows, columns] *= factor
    return torch.fft.ifft2(torch.fft.ifftshift(spectrum, dim=(-2, -1))).real.to(skip)
