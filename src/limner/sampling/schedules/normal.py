"""The schedule of evenly spaced timesteps."""

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


@schedule("normal", rank=60)
def normal(parametrization: Parametrization, steps: int) -> Tensor:
    """Timesteps spaced evenly, both ends included.

    A table that itself ends at 0 gives steps + 1 points instead of a 0 of its own after the last.

    Shapes: returns [steps + 1].
    """
    start, end = (float(timestep) for timestep in parametrization.timestep(parametrization.sigmas[[-1, 0]]))
    if abs(float(parametrization.sigma(torch.tensor(end)))) < 1e-5:
        sigmas = parametrization.sigma(torch.linspace(start, end, steps + 1))
        sigmas[-1] = 0.0
        return sigmas
    return ended(parametrization.sigma(torch.linspace(start, end, steps)))
