"""DPM-Solver++(2M)."""

import math

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("dpmpp_2m", rank=150, order=2, aliases={"a1111": ("DPM++ 2M", "k_dpmpp_2m")})
def dpmpp_2m(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """An exponential integrator that extrapolates x0 from the last two evaluations.

    Cost: one evaluation a step.
    Source: Lu et al. 2022, "DPM-Solver++", algorithm 2.
    """
    previous: Tensor | None = None
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        if following == 0:
            return x0
        target, span = x0, math.log(sigma / following)
        if previous is not None:
            half_ratio = span / math.log(sigmas[step - 1] / sigma) / 2
            target = (1 + half_ratio) * x0 - half_ratio * previous
        x = (following / sigma) * x - math.expm1(-span) * target
        previous = x0
    return x
