"""Euler's method."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.churn import NONE, Churn
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("euler", rank=0, order=1, aliases={"a1111": ("Euler", "k_euler")})
def euler(x: Tensor, sigmas: Sigmas, noise: Noise, *, churn: Churn = NONE) -> Walk:
    """Euler's method on dx/dsigma = (x - x0) / sigma.

    Cost: one evaluation a step.
    Source: Karras et al. 2022, algorithm 1 without the correction.
    """
    for level, following in pairwise(sigmas):
        x, sigma = churn.raised(x, level, len(sigmas) - 1, noise)
        x0 = yield Evaluate(x, sigma)
        x = x + (x - x0) / sigma * (following - sigma)
    return x
