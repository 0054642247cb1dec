"""The exponential multistep method with refined coefficients."""

import math

from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("res_multistep", rank=280, order=2)
def res_multistep(
    x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 0.0, s_noise: float = 1.0, unguided: bool = False
) -> Walk:
    """An exponential integrator of second order that integrates the line through the last two evaluations exactly.

    ``unguided``: the line goes through the negative predictions, and guidance moves where it starts ("CFG++").

    Cost: one evaluation a step.
    Source: Zhang et al. 2023, "Improved order analysis and design of exponential integrator for diffusion models
        sampling" (RES), section 4, multistep case; Chung et al. 2024, "CFG++".
    """
    previous: tuple[float, Tensor] | None = None
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        followed = noise.negative(x0) if unguided else x0
        x = x + (x0 - followed)
        down, up = ancestral_split(sigma, following, eta)
        if down == 0 or previous is None:
            x = x + (x - x0) / sigma * (down - sigma)
        else:
            span = math.log(sigma / down)
            back = previous[0] / span
            first = -math.expm1(-span) / span
            weight = (1 - first) / span / back
            x = (down / sigma) * x + span * ((first - weight) * followed + weight * previous[1])
        if following > 0 and up > 0:
            x = x + noise.draw() * (s_noise * up)
        previous = math.log(down / sigma) if down > 0 else 0.0, followed
    return x


res_multistep_cfg_pp = variant(
    res_multistep, "res_multistep_cfg_pp", rank=290, order=1, needs_negative=True, options={"unguided": True}
)
res_multistep_ancestral = variant(
    res_multistep, "res_multistep_ancestral", rank=300, stochastic=True, options={"eta": 1.0}
)
res_multistep_ancestral_cfg_pp = variant(
    res_multistep_cfg_pp,
    "res_multistep_ancestral_cfg_pp",
    rank=310,
    stochastic=True,
    options={"eta": 1.0, "unguided": True},
)
