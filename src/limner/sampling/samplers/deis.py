"""The diffusion exponential integrator sampler."""

from collections import deque
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk

SMALLEST_TIME, SMALLEST_SIGMA, LARGEST_SIGMA = 1e-3, 0.002, 80.0
"""The variance-preserving process in whose time slopes are interpolated reaches these sigmas at this time and at 1."""
POINTS = 10000
"""Points of the sum that stands for an integral."""


def process() -> tuple[float, float]:
    """Slope and start of the process's beta."""
    small, large = np.log(SMALLEST_SIGMA**2 + 1), np.log(LARGEST_SIGMA**2 + 1)
    slope = 2 * (small / SMALLEST_TIME - large) / (SMALLEST_TIME - 1)
    return float(slope), float(large - slope / 2)


def times(sigmas: Sequence[float]) -> np.ndarray:
    """The process's time at each sigma. Source: Karras et al. 2022, table 1, column VP."""
    slope, start = process()
    return (np.sqrt(start**2 + 2 * slope * np.log(np.square(np.asarray(sigmas)) + 1)) - start) / slope


def weights(moments: np.ndarray, start: float, end: float) -> list[float]:
    """Integrals over sigma of the Lagrange polynomials in time through past moments, the present one first."""
    slope, begin = process()
    time = np.linspace(start, end, POINTS)
    growth = slope * time + begin
    signal = np.exp(-(slope * time**2 / 2 + begin * time))
    density = 0.5 * growth / np.sqrt(signal * (1 - signal))
    found = []
    for place, moment in enumerate(moments):
        others = np.delete(moments, place)
        polynomial = np.prod([(time - other) / (moment - other) for other in others], axis=0)
        found.append(float(np.sum(density * polynomial) * (end - start) / POINTS))
    return found


@sampler("deis", rank=270, order=1)
def deis(x: Tensor, sigmas: Sigmas, noise: Noise, *, order: int = 3) -> Walk:
    """The polynomial in time through the last three slopes, integrated over sigma.

    Cost: one evaluation a step.
    Source: Zhang and Chen 2023, "Fast sampling of diffusion models with exponential integrator"
        (tAB-DEIS).
    """
    slopes: deque[Tensor] = deque(maxlen=order)
    moments = times(sigmas)
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        slopes.appendleft((x - x0) / sigma)
        if following == 0 or len(slopes) == 1:
            x = x + slopes[0] * (following - sigma)
            continue
        past = moments[step - len(slopes) + 1 : step + 1][::-1]
        for weight, slope in zip(weights(past, moments[step], moments[step + 1]), slopes, strict=True):
            x = x + slope * weight
    return x
