"""Euler's method on the manifold of the data ("CFG++"), with and without ancestral noise."""

from itertools import pairwise

from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("euler_ancestral_cfg_pp", rank=30, order=1, stochastic=True, needs_negative=True)
def euler_ancestral_cfg_pp(x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0) -> Walk:
    """Each step starts anew from the guided x0 and adds the noise that the negative prediction saw.

    Guidance scales are small here: 1 to 2 in place of 5 to 10.

    Cost: one evaluation of both predictions a step.
    Source: Chung et al. 2024, "CFG++: manifold-constrained classifier free guidance".
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        # alpha is 1 but for flow models, whose data shrink while their noise grows
        alpha, next_alpha = noise.signal(sigma), noise.signal(following)
        slope = (x - alpha * noise.negative(x0)) / sigma
        down, up = ancestral_split(sigma / alpha, following / next_alpha, eta)
        x = next_alpha * (x0 + down * slope)
        if up > 0:
            x = x + noise.draw() * (next_alpha * s_noise * up)
    return x


def euler_pp(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """Euler's method from a point moved by what guidance changes; the other form of the same idea.

    Cost: one evaluation of both predictions a step.
    Source: Chung et al. 2024, "CFG++".
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        x = x + (x - 2 * x0 + noise.negative(x0)) / sigma * (following - sigma)
    return x


euler_cfg_pp = variant(
    euler_ancestral_cfg_pp, "euler_cfg_pp", rank=10, stochastic=False, options={"eta": 0.0, "s_noise": 0.0}
)
