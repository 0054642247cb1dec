"""Gradient estimation."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("gradient_estimation", rank=320, order=1)
def gradient_estimation(x: Tensor, sigmas: Sigmas, noise: Noise, *, gamma: float = 2.0, unguided: bool = False) -> Walk:
    """Euler's method along a slope that is carried on from the one before.

    ``unguided``: slopes come from the negative predictions, and each step starts anew from the guided x0 ("CFG++").

    Cost: one evaluation a step.
    Source: Permenter and Yuan 2024, "Interpreting and improving diffusion models from an optimization perspective",
        algorithm 2; Chung et al. 2024, "CFG++".
    """
    previous: Tensor | None = None
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        followed = noise.negative(x0) if unguided else x0
        slope = (x - followed) / sigma
        if following == 0:
            return x0
        estimate = slope if previous is None else gamma * slope + (1 - gamma) * previous
        x = x + (x0 - followed) + estimate * (following - sigma)
        previous = slope
    return x


gradient_estimation_cfg_pp = variant(
    gradient_estimation, "gradient_estimation_cfg_pp", rank=330, needs_negative=True, options={"unguided": True}
)
