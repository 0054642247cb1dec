"""Noise levels that were optimised for ten steps of three model families."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from limner.sampling.parametrization import scaled_linear_betas, sigmas_of_betas

TIMESTEPS = {
    "SD1": (999, 850, 736, 645, 545, 455, 343, 233, 124, 24, 0),
    "SDXL": (999, 845, 730, 587, 443, 310, 193, 116, 53, 13, 0),
}
"""Places in Stable Diffusion's table of sigmas."""
VIDEO_SIGMAS = (700.0, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002)
FAMILIES = (*TIMESTEPS, "SVD")


def align_your_steps(family: str, steps: int, denoise: float = 1.0) -> Tensor:
    """The optimised noise levels; other numbers of steps than ten interpolate their logarithms.

    Args:
        family: One of FAMILIES.
        steps: Wanted steps.
        denoise: Share of the steps that is walked, the last ones. 0 gives no sigmas.

    Returns:
        [round(steps * denoise) + 1], the last one 0.

    Source: Sabour et al. 2024, "Align your steps", and the tables that were published with it.
    """
    if denoise <= 0:
        return torch.empty(0)
    walked = steps if denoise >= 1 else round(steps * denoise)
    sigmas = torch.tensor(interpolated(_levels(family), steps + 1), dtype=torch.float32)[-(walked + 1) :]
    sigmas[-1] = 0.0
    return sigmas


def _levels(family: str) -> Sequence[float]:
    if family not in TIMESTEPS:
        return VIDEO_SIGMAS
    return sigmas_of_betas(scaled_linear_betas())[list(TIMESTEPS[family])].tolist()


def interpolated(levels: Sequence[float], count: int) -> Sequence[float]:
    """So many levels along the same curve, linear in the logarithm."""
    if count == len(levels):
        return levels
    places = np.linspace(0, 1, count)
    return np.exp(np.interp(places, np.linspace(0, 1, len(levels)), np.log(levels))).tolist()
