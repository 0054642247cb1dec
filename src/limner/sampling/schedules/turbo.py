"""The schedule of networks that were distilled to a few even steps."""

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended

GRID = 10
"""Timesteps that distilled networks know."""


def turbo_sigmas(parametrization: Parametrization, steps: int, denoise: float = 1.0) -> Tensor:
    """Every hundredth timestep from the top, then 0.

    Range: steps 1 to 10; denoise below 1 skips the first of the ten timesteps.
    Shapes: returns [steps + 1], or fewer where the ten timesteps end before.
    Source: Sauer et al. 2023, "Adversarial diffusion distillation".
    """
    start = GRID - int(GRID * denoise)
    timesteps = torch.arange(GRID, 0, -1) * (len(parametrization.sigmas) // GRID) - 1
    return ended(parametrization.sigma(timesteps[start : start + steps].float()))
