"""Noise levels that were optimised for ten steps of three model families."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization, scaled_linear_betas, sigmas_of_betas
from limner.sampling.schedule import ended, schedule

TIMESTEPS = {
    "SD1": (999, 850, 736, 645, 545, 455, 343, 233, 124, 24, 0),
    "SDXL": (999, 845, 730, 587, 443, 310, 193, 116, 53, 13, 0),
}
"""Places in Stable Diffusion's table of sigmas."""
LAST = 999
"""The last place there."""
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


@schedule("align_your_steps", rank=1000)
def aligned(parametrization: Parametrization, steps: int) -> Tensor:
    """The noise levels that were optimised for Stable Diffusion 1, in the network's own table.

    Shapes: returns [steps + 1].
    Source: Sabour et al. 2024, "Align your steps", and the tables that were published with it.
    """
    return _in_table(parametrization, TIMESTEPS["SD1"], steps)


@schedule("align_your_steps_sdxl", rank=1010)
def aligned_for_sdxl(parametrization: Parametrization, steps: int) -> Tensor:
    """The noise levels that were optimised for SDXL, in the network's own table.

    Shapes: returns [steps + 1].
    Source: Sabour et al. 2024, "Align your steps", and the tables that were published with it.
    """
    return _in_table(parametrization, TIMESTEPS["SDXL"], steps)


def _in_table(parametrization: Parametrization, places: Sequence[int], steps: int) -> Tensor:
    """The levels that stand at the same shares of a network's table."""
    table = parametrization.sigmas.log()
    shares = torch.tensor(places, dtype=torch.float64) / LAST * (len(table) - 1)
    levels = np.exp(np.interp(shares.numpy(), np.arange(len(table)), table.numpy())).tolist()
    return ended(torch.tensor(interpolated(levels, steps + 1)[:-1], dtype=torch.float32))
