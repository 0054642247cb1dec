"""The polyexponential schedule, for nodes that give its ends."""

import math

import torch
from torch import Tensor

from limner.sampling.schedule import ended


def polyexponential_sigmas(steps: int, sigma_min: float, sigma_max: float, rho: float = 1.0) -> Tensor:
    """Sigmas whose logarithms fall like a power of the step; rho 1 is the exponential schedule.

    Shapes: returns [steps + 1], the last one 0.
    """
    ramp = torch.linspace(1, 0, steps) ** rho
    low, high = math.log(sigma_min), math.log(sigma_max)
    return ended((ramp * (high - low) + low).exp())
