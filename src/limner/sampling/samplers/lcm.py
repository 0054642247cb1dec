"""Sampling of consistency models."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("lcm", rank=240, order=0, stochastic=True, aliases={"a1111": ("LCM",)})
def lcm(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """Jumps to x0 and back to the following sigma with fresh noise.

    Cost: one evaluation a step.
    Source: Song et al. 2023, "Consistency models", algorithm 1; Luo et al. 2023, "Latent consistency models".
    """
    for sigma, following in pairwise(sigmas):
        x = yield Evaluate(x, sigma)
        if following > 0:
            x = noise.noised(x, following)
    return x
