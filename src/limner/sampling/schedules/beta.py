"""The schedule of a Beta distribution over timesteps."""

import numpy as np
from scipy import stats
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


def beta_sigmas(parametrization: Parametrization, steps: int, alpha: float = 0.6, beta: float = 0.6) -> Tensor:
    """Entries of the table at the quantiles of Beta(alpha, beta), without repetitions.

    Shapes: returns [steps + 1], or fewer where neighbouring quantiles fall on one entry.
    Source: Lee et al. 2024, "Beta sampling is all you need".
    """
    last = len(parametrization.sigmas) - 1
    quantiles = stats.beta.ppf(1.0 - np.linspace(0.0, 1.0, steps, endpoint=False), alpha, beta)
    places = np.rint(quantiles * last).astype(int)
    fresh = np.append(True, places[1:] != places[:-1])
    return ended(parametrization.sigmas[places[fresh].tolist()])


@schedule("beta", rank=50)
def beta_schedule(parametrization: Parametrization, steps: int) -> Tensor:
    """Timesteps at the quantiles of Beta(0.6, 0.6): dense at both ends.

    Shapes: returns [steps + 1], or fewer for very many steps.
    Source: Lee et al. 2024, "Beta sampling is all you need".
    """
    return beta_sigmas(parametrization, steps)
