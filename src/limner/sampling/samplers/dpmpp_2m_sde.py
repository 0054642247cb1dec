"""DPM-Solver++(2M) for the stochastic differential equation."""

import math

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("dpmpp_2m_sde", rank=170, order=2, stochastic=True, aliases={"a1111": ("DPM++ 2M SDE", "k_dpmpp_2m_sde")})
def dpmpp_2m_sde(
    x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0, heun: bool = False
) -> Walk:
    """A multistep exponential integrator of the reverse SDE along one Brownian path.

    Cost: one evaluation a step.
    Source: Lu et al. 2022, "DPM-Solver++", appendix B, equations for SDE-DPM-Solver++(2M); ``heun`` takes the
        coefficient of the exact integral of the linear term instead of the midpoint's.
    """
    previous: Tensor | None = None
    previous_span = 0.0
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        if following == 0:
            return x0
        begin, end = noise.half_log_snr(sigma), noise.half_log_snr(following)
        span, alpha = end - begin, following * math.exp(end)
        reach = -math.expm1(-span * (1 + eta))
        x = (following / sigma * math.exp(-span * eta)) * x + (alpha * reach) * x0
        if previous is not None:
            weight = 1 - reach / (span * (1 + eta)) if heun else reach / 2
            x = x + (alpha * weight * span / previous_span) * (x0 - previous)
        if eta:
            level = following * math.sqrt(-math.expm1(-2 * span * eta)) * s_noise
            x = x + noise.increment(sigma, following) * level
        previous, previous_span = x0, span
    return x


dpmpp_2m_sde_gpu = variant(dpmpp_2m_sde, "dpmpp_2m_sde_gpu", rank=180, tree_on_device=True)
dpmpp_2m_sde_heun = variant(dpmpp_2m_sde, "dpmpp_2m_sde_heun", rank=190, options={"heun": True})
dpmpp_2m_sde_heun_gpu = variant(dpmpp_2m_sde_heun, "dpmpp_2m_sde_heun_gpu", rank=200, tree_on_device=True)
