"""Improved pseudo numerical methods, for uneven steps."""

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


def differences(slopes: list[Tensor], points: list[float]) -> list[Tensor]:
    """Newton's divided differences of the slopes at points, the newest first; of order 0, 1, 2 ..."""
    column, leading = list(slopes), [slopes[0]]
    for order in range(1, len(slopes)):
        column = [
            (column[place] - column[place + 1]) / (points[place] - points[place + order])
            for place in range(len(column) - 1)
        ]
        leading.append(column[0])
    return leading


def integrals(step: float, points: list[float]) -> list[float]:
    """Weights of the divided differences over the next step.

    The third one is not the integral of its polynomial but what workflows know; on even steps they are the same.
    """
    weights = [step, step**2 / 2]
    if len(points) > 2:
        near, far = points[0] - points[1], points[0] - points[2]
        weights.append(step * (near * far - step**2 / 3) / 2)
        weights.append(step**4 / 4 + step**3 * (near + far) / 3 + step**2 * near * far / 2)
    return weights


@sampler("ipndm_v", rank=260, order=1)
def ipndm_v(x: Tensor, sigmas: Sigmas, noise: Noise, *, order: int = 4) -> Walk:
    """Combines up to four slopes with weights that know how uneven the steps are.

    Range: order 1 to 4.
    Cost: one evaluation a step.
    Source: Zhang and Chen 2023, "Fast sampling of diffusion models with exponential integrator", appendix H.2; Hairer,
        Norsett, Wanner, "Solving ordinary differential equations I", section III.5 (variable steps).
    """
    slopes: list[Tensor] = []
    for step in range(len(sigmas) - 1):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(x, sigma)
        slopes = [(x - x0) / sigma, *slopes][:order]
        if following == 0:
            return x0
        points = [sigmas[step - back] for back in range(len(slopes))]
        for weight, part in zip(integrals(following - sigma, points), differences(slopes, points), strict=False):
            x = x + part * weight
    return x
