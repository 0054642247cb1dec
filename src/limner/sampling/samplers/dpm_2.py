"""DPM-Solver-2."""

import math
from itertools import pairwise

from torch import Tensor

from limner.sampling.churn import NONE, Churn
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("dpm_2", rank=60, order=2, discard_penultimate=True, aliases={"a1111": ("DPM2", "k_dpm_2")})
def dpm_2(x: Tensor, sigmas: Sigmas, noise: Noise, *, churn: Churn = NONE) -> Walk:
    """A step with the slope at the geometric middle of its sigmas.

    Cost: two evaluations a step, one for the last.
    Source: Lu et al. 2022, "DPM-Solver", algorithm 1, in the variables of Karras et al. 2022.
    """
    for level, following in pairwise(sigmas):
        x, sigma = churn.raised(x, level, len(sigmas) - 1, noise)
        x0 = yield Evaluate(x, sigma)
        slope = (x - x0) / sigma
        if following == 0:
            x = x + slope * (following - sigma)
            continue
        middle = math.sqrt(sigma * following)
        guess = x + slope * (middle - sigma)
        x0 = yield Evaluate(guess, middle, inner=True)
        x = x + (guess - x0) / middle * (following - sigma)
    return x
