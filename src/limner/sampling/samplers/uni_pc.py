"""UniPC: a multistep predictor whose evaluation also corrects the step it ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk

LAST_SIGMA = 0.001
"""Stands for a final sigma of 0, whose logarithm does not exist."""


@dataclass(frozen=True)
class Step:
    """One step, in the data prediction form.

    Attributes:
        start: What the first order alone gives: the exponential integrator over the newest evaluation.
        differences: Divided differences of the older evaluations to the newest one.
        predictor: Their weights before the step's end has been evaluated.
        corrector: Their weights afterwards, and that of the end.
        scale: B(h), by which the sum of both counts.
    """

    start: Tensor
    differences: list[Tensor]
    predictor: list[float]
    corrector: list[float]
    scale: float

    def predicted(self) -> Tensor:
        """The step's end, from the past alone."""
        x = self.start
        for weight, difference in zip(self.predictor, self.differences, strict=True):
            x = x - (self.scale * weight) * difference
        return x

    def corrected(self, change: Tensor) -> Tensor:
        """The step's end, once x0 there is known to have changed by so much."""
        x = self.start - (self.scale * self.corrector[-1]) * change
        for weight, difference in zip(self.corrector, self.differences, strict=False):
            x = x - (self.scale * weight) * difference
        return x


def weights(ratios: Sequence[float], span: float, scale: float) -> tuple[list[float], list[float]]:
    """Weights of predictor and corrector. Source: Zhao et al. 2023, "UniPC", theorem 3.1 and section 3.4."""
    order, minus = len(ratios), -span
    phi = math.expm1(minus) / minus - 1
    wanted, factorial = [], 1
    for power in range(1, order + 1):
        wanted.append(phi * factorial / scale)
        factorial *= power + 1
        phi = phi / minus - 1 / factorial
    matrix = np.vander(np.array(ratios), order, increasing=True).T
    # At the lowest orders the paper replaces the solution by its limit, 1/2.
    predictor = {1: [], 2: [0.5]}.get(order)
    if predictor is None:
        predictor = np.linalg.solve(matrix[:-1, :-1], wanted[:-1]).tolist()
    return predictor, [0.5] if order == 1 else np.linalg.solve(matrix, wanted).tolist()


def plan(x: Tensor, past: Sequence[tuple[float, Tensor]], following: float, order: int, *, exponential: bool) -> Step:
    """A step from x at the newest of the past (sigma, x0) to the following sigma, of an order."""
    sigma, x0 = past[-1]
    span = math.log(sigma / following)
    older = [past[-1 - back] for back in range(1, order)]
    ratios = [math.log(sigma / other) / span for other, _ in older]
    change = math.expm1(-span)
    scale = change if exponential else -span
    predictor, corrector = weights([*ratios, 1.0], span, scale)
    differences = [(value - x0) / ratio for (_, value), ratio in zip(older, ratios, strict=True)]
    return Step((following / sigma) * x - change * x0, differences, predictor, corrector, scale)


@sampler("uni_pc", rank=400, order=2, discard_penultimate=True, aliases={"a1111": ("UniPC",)})
def uni_pc(x: Tensor, sigmas: Sigmas, noise: Noise, *, exponential: bool = False) -> Walk:
    """Third order predictor and corrector that share their evaluations; the last steps fall back to lower orders.

    Cost: one evaluation a step.
    Source: Zhao et al. 2023, "UniPC", algorithms 1 and 2, B1(h) = h; ``exponential`` takes B2(h) = e^h - 1.
    """
    times = [*sigmas[:-1], sigmas[-1] or LAST_SIGMA]
    steps = len(times) - 1
    highest = max(1, min(3, steps - 1))
    past: list[tuple[float, Tensor]] = []
    pending: Step | None = None
    for step in range(steps):
        x0 = yield Evaluate(x, times[step])
        if pending is not None:
            x = pending.corrected(x0 - past[-1][1])
        past = [*past[-2:], (times[step], x0)]
        order = min(highest, step + 1, steps - step)
        pending = plan(x, past, times[step + 1], order, exponential=exponential)
        x = pending.predicted()
    return x


uni_pc_bh2 = variant(uni_pc, "uni_pc_bh2", rank=410, options={"exponential": True})
