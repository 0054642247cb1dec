"""DPM-Solver++(3M) for the stochastic differential equation."""

import math

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk


def bend(x0: Tensor, past: list[tuple[Tensor, float]], span: float, reach: float) -> Tensor | float:
    """What the past evaluations add to a step: the first and second derivative of x0, exactly integrated.

    Args:
        x0: The present evaluation.
        past: Up to two (evaluation, span to the one after it), newest first.
        span: The step in half log-SNR.
        reach: The span times 1 + eta.
    """
    if not past:
        return 0.0
    first = math.expm1(-reach) / reach + 1
    ratio = past[0][1] / span
    newest = (x0 - past[0][0]) / ratio
    if len(past) == 1:
        return first * newest
    older_ratio = past[1][1] / span
    older = (past[0][0] - past[1][0]) / older_ratio
    curve = (newest - older) / (ratio + older_ratio)
    return first * (newest + curve * ratio) - (first / reach - 0.5) * curve


@sampler("dpmpp_3m_sde", rank=210, order=2, stochastic=True, aliases={"a1111": ("DPM++ 3M SDE", "k_dpmpp_3m_sde")})
def dpmpp_3m_sde(x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0) -> Walk:
    """A three-step exponential integrator of the reverse SDE along one Brownian path.

    Cost: one evaluation a step.
    Source: Lu et al. 2022, "DPM-Solver++", appendix B, carried to third order by divided differences.
    """
    past: list[tuple[Tensor, float]] = []
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        if following == 0:
            return x0
        begin, end = noise.half_log_snr(sigma), noise.half_log_snr(following)
        span, alpha = end - begin, following * math.exp(end)
        reach = span * (1 + eta)
        x = (following / sigma * math.exp(-span * eta)) * x - (alpha * math.expm1(-reach)) * x0
        x = x + alpha * bend(x0, past, span, reach)
        if eta:
            level = following * math.sqrt(-math.expm1(-2 * span * eta)) * s_noise
            x = x + noise.increment(sigma, following) * level
        past = [(x0, span), *past[:1]]
    return x


dpmpp_3m_sde_gpu = variant(dpmpp_3m_sde, "dpmpp_3m_sde_gpu", rank=220, tree_on_device=True)
