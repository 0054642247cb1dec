"""Gradient estimation."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("gradient_estimation", rank=320, order=1)
def gradient_estimation(x: Tensor, sigmas: Sigmas, noise: Noise, *, gamma: float = 2.0) -> Walk:
    """Euler's method along a slope that is carried on from the one before.

    Cost: one evaluation a step.
    Source: Permenter and Yuan 2024, "Interpreting and improving diffusion models from an optimization perspective",
        algorithm 2.
    """
    previous: Tensor | None = None
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        slope = (x - x0) / sigma
        if following == 0:
            return x0
        estimate = slope if previous is None else gamma * slope + (1 - gamma) * previous
        x = x + estimate * (following - sigma)
        previous = slope
    return x
