"""The schedule that begins with many small even steps."""

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import schedule

THRESHOLD = 0.025
"""Share of the way that the linear half covers."""


@schedule("linear_quadratic", rank=70)
def linear_quadratic(parametrization: Parametrization, steps: int) -> Tensor:
    """Half of the steps go 2.5 % of the way evenly, the other half the rest with growing strides.

    Shapes: returns [steps + 1].
    Source: Polyak et al. 2024, "Movie Gen", section 3.4.2.
    """
    if steps == 1:
        return torch.tensor([1.0, 0.0]) * parametrization.sigma_max
    linear = steps // 2
    covered = [index * THRESHOLD / linear for index in range(linear)]
    curved = steps - linear
    slope = THRESHOLD / linear
    # The parabola starts where the line ends, with the line's slope, and ends at 1.
    bend = (1.0 - THRESHOLD - slope * curved) / curved**2
    covered += [THRESHOLD + slope * index + bend * index**2 for index in range(curved)]
    return torch.tensor([1.0 - share for share in [*covered, 1.0]]) * parametrization.sigma_max
