"""DPM-Solver++(2M) on the manifold of the data ("CFG++")."""

import math

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("dpmpp_2m_cfg_pp", rank=160, order=1, needs_negative=True)
def dpmpp_2m_cfg_pp(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """The multistep solver around the guided x0, with the noise that the negative prediction saw.

    Cost: one evaluation of both predictions a step.
    Source: Chung et al. 2024, "CFG++", with Lu et al. 2022, "DPM-Solver++".
    """
    previous: Tensor | None = None
    before = 0.0
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        negative = noise.negative(x0)
        shrunk = following / sigma
        x = x0 + shrunk * (x - negative)
        if previous is not None and following > 0:
            ratio = math.log(before / sigma) / math.log(sigma / following)
            x = x + (1 - shrunk) / (2 * ratio) * (x0 - previous)
        previous, before = negative, sigma
    return x
