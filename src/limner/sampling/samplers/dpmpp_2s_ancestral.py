"""DPM-Solver++(2S) with ancestral noise."""

import math
from itertools import pairwise

from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("dpmpp_2s_ancestral", rank=110, order=2, stochastic=True, aliases={"a1111": ("DPM++ 2S a", "k_dpmpp_2s_a")})
def dpmpp_2s_ancestral(x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0) -> Walk:
    """A single-step exponential integrator through the middle, further down than asked, then up with fresh noise.

    Cost: two evaluations a step, one for the last.
    Source: Lu et al. 2022, "DPM-Solver++", algorithm 1, with r = 1/2.
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        down, up = ancestral_split(sigma, following, eta)
        if down == 0:
            x = x + (x - x0) / sigma * (down - sigma)
        else:
            span, middle = math.log(sigma / down), math.sqrt(sigma * down)
            guess = (middle / sigma) * x - math.expm1(-span / 2) * x0
            x0 = yield Evaluate(guess, middle, inner=True)
            x = (down / sigma) * x - math.expm1(-span) * x0
        if following > 0 and up > 0:
            x = x + noise.draw() * (s_noise * up)
    return x
