"""The schedule of Karras et al."""

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


def karras_sigmas(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> Tensor:
    """Sigmas whose rho-th roots are spaced evenly, then 0.

    Shapes: returns [steps + 1].
    Source: Karras et al. 2022, equation 5.
    """
    ramp = torch.linspace(0, 1, steps)
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return ended((high + ramp * (low - high)) ** rho)


@schedule("karras", rank=20)
def karras(parametrization: Parametrization, steps: int) -> Tensor:
    """Sigmas that thicken towards the end, with rho 7, between the ends of the network's table.

    Shapes: returns [steps + 1].
    Source: Karras et al. 2022, equation 5.
    """
    return karras_sigmas(steps, parametrization.sigma_min, parametrization.sigma_max)
