"""The exponential schedule."""

import math

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


def exponential_sigmas(steps: int, sigma_min: float, sigma_max: float) -> Tensor:
    """Sigmas whose logarithms are spaced evenly, then 0. Shapes: returns [steps + 1]."""
    return ended(torch.linspace(math.log(sigma_max), math.log(sigma_min), steps).exp())


@schedule("exponential", rank=30)
def exponential(parametrization: Parametrization, steps: int) -> Tensor:
    """Sigmas whose logarithms are spaced evenly between the ends of the network's table.

    Shapes: returns [steps + 1].
    """
    return exponential_sigmas(steps, parametrization.sigma_min, parametrization.sigma_max)
