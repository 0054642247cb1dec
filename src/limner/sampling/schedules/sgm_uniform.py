"""The schedule of evenly spaced timesteps without the last one."""

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


@schedule("sgm_uniform", rank=10)
def sgm_uniform(parametrization: Parametrization, steps: int) -> Tensor:
    """Timesteps spaced evenly over steps + 1 points, of which the last is left out ("trailing").

    Shapes: returns [steps + 1].
    Source: Lin et al. 2023, "Common diffusion noise schedules and sample steps are flawed", table 2.
    """
    ends = parametrization.timestep(parametrization.sigmas[[-1, 0]])
    timesteps = torch.linspace(float(ends[0]), float(ends[1]), steps + 1)[:-1]
    return ended(parametrization.sigma(timesteps))
