"""The extended reverse-time stochastic solver."""

from collections.abc import Callable

import numpy as np
from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk

POINTS = 200
"""Points of the sum that stands for an integral."""
Scaler = Callable[[np.ndarray], np.ndarray]


def extended_scaler(level: np.ndarray) -> np.ndarray:
    """How noise is renewed by its level. Source: Cui et al. 2023."""
    return level * (np.exp(level**0.3) + 10.0)


def inner_sums(start: float, end: float, scaler: Scaler) -> tuple[float, float]:
    """Integrals of 1 / scaler and of (level - start) / scaler, from end up to start."""
    stride = (start - end) / POINTS
    level = end + np.arange(POINTS) * stride
    scaled = scaler(level)
    return float(np.sum(1 / scaled) * stride), float(np.sum((level - start) / scaled) * stride)


@sampler("er_sde", rank=340, order=1, stochastic=True)
def er_sde(
    x: Tensor,
    sigmas: Sigmas,
    noise: Noise,
    *,
    s_noise: float = 1.0,
    max_stage: int = 3,
    scaler: Scaler = extended_scaler,
) -> Walk:
    """A multistep solver of a family of reverse-time equations, up to third order in the noise level.

    Cost: one evaluation a step.
    Source: Cui et al. 2023, "Elucidating the solution space of extended reverse-time SDE for diffusion models".
    """
    previous: Tensor | None = None
    previous_change: Tensor | None = None
    levels = [sigma / noise.signal(sigma) for sigma in sigmas]
    for step in range(len(sigmas) - 1):
        x0 = yield Evaluate(x, sigmas[step])
        if sigmas[step + 1] == 0:
            return x0
        level, following = levels[step], levels[step + 1]
        alpha = noise.signal(sigmas[step + 1])
        end_scale = float(scaler(np.asarray(following)))
        kept = end_scale / float(scaler(np.asarray(level)))
        x = alpha / noise.signal(sigmas[step]) * kept * x + alpha * (1 - kept) * x0
        span = following - level
        first, second = inner_sums(level, following, scaler)
        if previous is not None and max_stage >= 2:
            change = (x0 - previous) / (level - levels[step - 1])
            x = x + alpha * (span + first * end_scale) * change
            if previous_change is not None and max_stage >= 3:
                bend = (change - previous_change) / ((level - levels[step - 2]) / 2)
                x = x + alpha * (span**2 / 2 + second * end_scale) * bend
            previous_change = change
        if s_noise > 0:
            x = x + noise.draw() * (alpha * s_noise * max(0.0, following**2 - (level * kept) ** 2) ** 0.5)
        previous = x0
    return x
