"""The linear multistep method."""

from collections import deque

import numpy as np
from numpy.polynomial import Polynomial
from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


def multistep_weights(points: list[float], start: float, end: float) -> list[float]:
    """Integrals from start to end of the Lagrange polynomials through points, in the order of the points."""
    weights = []
    for place, point in enumerate(points):
        others = np.array([other for index, other in enumerate(points) if index != place])
        # Centred on the start: far from it the powers of sigma would lose digits.
        polynomial = Polynomial.fromroots(others - start) if len(others) else Polynomial([1.0])
        weights.append(float(polynomial.integ()(end - start) / np.prod(point - others)))
    return weights


@sampler("lms", rank=80, order=2, aliases={"a1111": ("LMS", "k_lms")})
def lms(x: Tensor, sigmas: Sigmas, noise: Noise, *, order: int = 4) -> Walk:
    """The polynomial through the last four slopes, integrated over the step.

    Cost: one evaluation a step.
    Source: Hairer, Norsett, Wanner, "Solving ordinary differential equations I", section III.5.
    """
    slopes: deque[Tensor] = deque(maxlen=order)
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        slopes.appendleft((x - x0) / sigma)
        if following == 0:
            x = x0
            continue
        points = [sigmas[step - back] for back in range(len(slopes))]
        for weight, slope in zip(multistep_weights(points, sigma, following), slopes, strict=True):
            x = x + slope * weight
    return x
