"""The schedule that is optimal in the Kullback-Leibler sense."""

import math

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


@schedule("kl_optimal", rank=80)
def kl_optimal(parametrization: Parametrization, steps: int) -> Tensor:
    """Sigmas whose arctangents are spaced evenly between the ends of the network's table.

    Shapes: returns [steps + 1].
    Source: Sabour et al. 2024, "Align your steps", theorem 3.1.
    """
    share = torch.arange(steps, dtype=torch.float32) / max(steps - 1, 1)
    low, high = math.atan(parametrization.sigma_min), math.atan(parametrization.sigma_max)
    return ended(torch.tan(share * low + (1 - share) * high))
