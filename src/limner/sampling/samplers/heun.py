"""Heun's method."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.churn import NONE, Churn
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("heun", rank=40, order=2, aliases={"a1111": ("Heun", "k_heun")})
def heun(x: Tensor, sigmas: Sigmas, noise: Noise, *, churn: Churn = NONE) -> Walk:
    """A step with the mean of the slopes at its beginning and at its Euler end.

    Cost: two evaluations a step, one for the last.
    Source: Karras et al. 2022, algorithm 1.
    """
    for level, following in pairwise(sigmas):
        x, sigma = churn.raised(x, level, len(sigmas) - 1, noise)
        x0 = yield Evaluate(x, sigma)
        slope = (x - x0) / sigma
        guess = x + slope * (following - sigma)
        if following == 0:
            x = guess
            continue
        x0 = yield Evaluate(guess, following, inner=True)
        x = x + (slope + (guess - x0) / following) / 2 * (following - sigma)
    return x
