"""Improved pseudo numerical methods, for even steps."""

from collections import deque
from itertools import pairwise

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk

WEIGHTS = ((1.0,), (3 / 2, -1 / 2), (23 / 12, -16 / 12, 5 / 12), (55 / 24, -59 / 24, 37 / 24, -9 / 24))
"""Adams-Bashforth for even steps, by the number of slopes at hand; newest slope first."""


@sampler("ipndm", rank=250, order=1)
def ipndm(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """Combines up to four slopes with the weights of even steps, however uneven the steps are.

    Cost: one evaluation a step.
    Source: Zhang and Chen 2023, "Fast sampling of diffusion models with exponential integrator", appendix H.2 (iPNDM).
    """
    slopes: deque[Tensor] = deque(maxlen=4)
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        slopes.appendleft((x - x0) / sigma)
        if following == 0:
            return x0
        for weight, slope in zip(WEIGHTS[len(slopes) - 1], slopes, strict=True):
            x = x + slope * (weight * (following - sigma))
    return x
