"""Ancestral sampling of DDPM."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("ddpm", rank=230, order=1, stochastic=True, aliases={"a1111": ("DDPM",)})
def ddpm(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """Draws from the posterior of the variance-preserving chain.

    Cost: one evaluation a step.
    Source: Ho et al. 2020, "Denoising diffusion probabilistic models", algorithm 2, with the posterior's variance.
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        kept, kept_after = 1 / (sigma**2 + 1), 1 / (following**2 + 1)
        alpha = kept / kept_after
        eps = (x - x0) / sigma
        mean = (x * kept**0.5 - eps * ((1 - alpha) / (1 - kept) ** 0.5)) / alpha**0.5
        if following > 0:
            mean = mean + noise.draw() * ((1 - alpha) * (1 - kept_after) / (1 - kept)) ** 0.5
        x = mean / kept_after**0.5
    return x
