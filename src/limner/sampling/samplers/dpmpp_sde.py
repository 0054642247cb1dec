"""DPM-Solver++ for the stochastic differential equation, two stages."""

import math
from itertools import pairwise

import numpy as np
from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk


def middle_sigma(sigma: float, following: float, share: float) -> float:
    """The sigma at a share of the way on the logarithmic scale, in float32.

    A Brownian path is looked up at this sigma, and paths notice the seventh digit: its precision is a convention.
    """
    start, end = -np.log(np.float32(sigma)), -np.log(np.float32(following))
    return float(np.exp(-(start + (end - start) * np.float32(share))))


@sampler("dpmpp_sde", rank=130, order=2, stochastic=True, aliases={"a1111": ("DPM++ SDE", "k_dpmpp_sde")})
def dpmpp_sde(
    x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0, r: float = 0.5
) -> Walk:
    """A two-stage exponential integrator with ancestral noise from one Brownian path at both stages.

    Cost: two evaluations a step, one for the last.
    Source: Lu et al. 2022, "DPM-Solver++", algorithm 1 and appendix B (SDE solvers).
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        if following == 0:
            x = x0
            continue
        middle, factor = middle_sigma(sigma, following, r), 1 / (2 * r)
        down, up = ancestral_split(sigma, middle, eta)
        guess = (down / sigma) * x - math.expm1(math.log(down / sigma)) * x0
        guess = guess + noise.increment(sigma, middle) * (s_noise * up)
        inner = yield Evaluate(guess, middle, inner=True)
        down, up = ancestral_split(sigma, following, eta)
        target = (1 - factor) * x0 + factor * inner
        x = (down / sigma) * x - math.expm1(math.log(down / sigma)) * target
        x = x + noise.increment(sigma, following) * (s_noise * up)
    return x


dpmpp_sde_gpu = variant(dpmpp_sde, "dpmpp_sde_gpu", rank=140, tree_on_device=True)
