"""Euler's method with ancestral noise."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("euler_ancestral", rank=20, order=1, stochastic=True, aliases={"a1111": ("Euler a", "k_euler_a")})
def euler_ancestral(x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0) -> Walk:
    """Euler's method that overshoots and returns with fresh noise at every step.

    Cost: one evaluation a step.
    Source: Song et al. 2021, "Score-based generative modeling through SDEs", appendix F (ancestral sampling).
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        down, up = ancestral_split(sigma, following, eta)
        if down == 0:
            x = x0
        else:
            x = x + (x - x0) / sigma * (down - sigma) + noise.draw() * (s_noise * up)
    return x
