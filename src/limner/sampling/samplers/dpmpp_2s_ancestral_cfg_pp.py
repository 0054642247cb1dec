"""DPM-Solver++(2S) with ancestral noise on the manifold of the data ("CFG++")."""

import math
from itertools import pairwise

from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("dpmpp_2s_ancestral_cfg_pp", rank=120, order=0, stochastic=True, needs_negative=True)
def dpmpp_2s_ancestral_cfg_pp(
    x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Walk:
    """The single-step solver from a point moved by what guidance changes, so that the noise stays the unguided one.

    What guidance changes is taken between the step's first x0 and the negative prediction in its middle. That is what
    workflows know, but not consistent: without guidance too, something of the step's curvature is added.

    Cost: two evaluations of both predictions a step, one for the last.
    Source: Chung et al. 2024, "CFG++", with Lu et al. 2022, "DPM-Solver++".
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        negative = noise.negative(x0)
        down, up = ancestral_split(sigma, following, eta)
        if down == 0:
            x = x0 + (x - negative) / sigma * down
        else:
            span, middle = math.log(sigma / down), math.sqrt(sigma * down)
            guess = (middle / sigma) * (x + (x0 - negative)) - math.expm1(-span / 2) * x0
            inner = yield Evaluate(guess, middle, inner=True)
            x = (down / sigma) * (x + (x0 - noise.negative(inner))) - math.expm1(-span) * inner
        if following > 0 and up > 0:
            x = x + noise.draw() * (s_noise * up)
    return x
