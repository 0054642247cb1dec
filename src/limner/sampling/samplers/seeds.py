"""Stochastic explicit exponential derivative-free solvers of two and three stages."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


class Renewal:
    """Noise that grows along one step, so that all of its stages see the same path.

    Args:
        noise: Draws.
        span: The step's length in half the logarithm of the signal-to-noise ratio, times eta.
        s_noise: Factor.
    """

    def __init__(self, noise: Noise, span: float, s_noise: float) -> None:
        self.noise, self.span, self.s_noise = noise, span, s_noise
        self.reached = 0.0
        self.path: Tensor | None = None

    def at(self, share: float, sigma: float) -> Tensor | float:
        """The noise at a share of the step, at the scale of a sigma; 0 where nothing is renewed."""
        if self.span <= 0 or self.s_noise <= 0:
            return 0.0
        gap = (share - self.reached) * self.span
        fresh = self.noise.draw() * math.sqrt(-math.expm1(-2 * gap))
        self.path = fresh if self.path is None else self.path * math.exp(-gap) + fresh
        self.reached = share
        return self.path * (sigma * self.s_noise)


def second_phi(value: float) -> float:
    """(e^v - 1 - v) / v."""
    return (math.expm1(value) - value) / value


@sampler("seeds_2", rank=350, order=2, stochastic=True)
def seeds_2(x: Tensor, sigmas: Sigmas, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0, r: float = 0.5) -> Walk:
    """An exponential solver of the reverse equation through one point inside each step.

    Cost: two evaluations a step, one for the last.
    Source: Gonzalez et al. 2023, "SEEDS: exponential SDE solvers for fast high-quality sampling".
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        if following == 0:
            return x0
        begin, end = noise.half_log_snr(sigma), noise.half_log_snr(following)
        span = end - begin
        renewal, whole = Renewal(noise, span * eta, s_noise), span * (1 + eta)
        time = begin + r * span
        middle = noise.sigma_at(time)
        guess = middle / sigma * math.exp(-r * span * eta) * x - middle * math.exp(time) * math.expm1(-r * whole) * x0
        inner = yield Evaluate(guess + renewal.at(r, middle), middle, inner=True)
        target = x0 + (inner - x0) / (2 * r)
        x = following / sigma * math.exp(-span * eta) * x - following * math.exp(end) * math.expm1(-whole) * target
        x = x + renewal.at(1.0, following)
    return x


@sampler("seeds_3", rank=360, order=2, stochastic=True)
def seeds_3(
    x: Tensor,
    sigmas: Sigmas,
    noise: Noise,
    *,
    eta: float = 1.0,
    s_noise: float = 1.0,
    shares: Sequence[float] = (1 / 3, 2 / 3),
) -> Walk:
    """An exponential solver of the reverse equation through two points inside each step.

    Cost: three evaluations a step, one for the last.
    Source: Gonzalez et al. 2023, "SEEDS: exponential SDE solvers for fast high-quality sampling".
    """
    for sigma, following in pairwise(sigmas):
        x0 = yield Evaluate(x, sigma)
        if following == 0:
            return x0
        begin, end = noise.half_log_snr(sigma), noise.half_log_snr(following)
        span = end - begin
        renewal, whole = Renewal(noise, span * eta, s_noise), span * (1 + eta)
        latest = x0
        for number, share in enumerate(shares):
            time = begin + share * span
            middle = noise.sigma_at(time)
            bent = share / shares[0] * second_phi(-share * whole) if number else 0.0
            target = (math.expm1(-share * whole) - bent) * x0 + bent * latest
            guess = middle / sigma * math.exp(-share * span * eta) * x - middle * math.exp(time) * target
            latest = yield Evaluate(guess + renewal.at(share, middle), middle, inner=True)
        bent = second_phi(-whole) / shares[-1]
        target = (math.expm1(-whole) - bent) * x0 + bent * latest
        x = following / sigma * math.exp(-span * eta) * x - following * math.exp(end) * target
        x = x + renewal.at(1.0, following)
    return x
