"""DPM-Solver-2 with ancestral noise."""

import math
from itertools import pairwise

from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler(
    "dpm_2_ancestral",
    rank=70,
    order=2,
    stochastic=True,
    discard_penultimate=True,
    aliases={"a1111": ("DPM2 a", "k_dpm_2_a")},
)
def dpm_2_ancestral(x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0) -> Walk:
    """A step with the slope at the geometric middle, further down than asked, then up with fresh noise.

    Cost: two evaluations a step, one for the last.
    Source: Lu et al. 2022, "DPM-Solver", algorithm 1; Song et al. 2021, equation 16.
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        slope = (x - x0) / sigma
        down, up = ancestral_split(sigma, following, eta)
        if down == 0:
            x = x + slope * (down - sigma)
            continue
        middle = math.sqrt(sigma * down)
        guess = x + slope * (middle - sigma)
        x0 = yield Evaluate(guess, middle, inner=True)
        x = x + (guess - x0) / middle * (down - sigma) + noise.draw() * (s_noise * up)
    return x
