"""The stochastic Adams solver."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler, variant
from limner.sampling.walk import Evaluate, Sigmas, Walk

Tau = Callable[[float], float]
"""How much noise is renewed at a sigma; 0 gives a deterministic step."""


def exponential_moments(span: float, rate: float, count: int) -> list[float]:
    """Integrals of e^(-rate * (span - t)) * rate * t^k over 0..span, for k below a count.

    By parts each follows from the one before: span^k - k / rate * (the one before).
    """
    found = [-math.expm1(-rate * span)]
    for power in range(1, count):
        found.append(span**power - power / rate * found[-1])
    return found


def adams_weights(points: Sequence[float], start: float, end: float, tau: float) -> list[float]:
    """Weights of predictions at points for the step from start to end, all in half log signal-to-noise ratio.

    Source: Xue et al. 2023, "SA-Solver".
    """
    rate, span = 1 + tau**2, end - start
    moments = exponential_moments(span, rate, len(points))
    weights = []
    for place, point in enumerate(points):
        others = np.array([other for index, other in enumerate(points) if index != place]) - start
        polynomial = Polynomial.fromroots(others) if len(others) else Polynomial([1.0])
        scale = float(np.prod(point - start - others))
        weights.append(float(np.dot(polynomial.coef, moments)) / scale)
    return weights


def simple_weights(points: Sequence[float], start: float, end: float, tau: float) -> list[float]:
    """Weights of two predictions whose line is taken at the middle of the step.

    Source: Xue et al. 2023, "SA-Solver".
    """
    rate, span = 1 + tau**2, end - start
    # The older point lies before a step that predicts; in one that corrects it is the step's own beginning.
    corrects = points[1] == end
    older = -math.expm1(-rate * span) - rate * span / 2 if corrects else rate * span**2 / 2 / (points[0] - start)
    return [older, -math.expm1(-rate * span) - older]


class Renewed:
    """Where noise is renewed: between two shares of the walk.

    Args:
        noise: Knows the network's noising process.
        start: Share of the walk at which it begins.
        end: Share at which it ends.
        eta: How much.
    """

    def __init__(self, noise: Noise, start: float, end: float, eta: float) -> None:
        turn = noise.parametrization.percent_to_sigma
        self.highest, self.lowest, self.eta = turn(start), turn(end), eta

    def __call__(self, sigma: float) -> float:
        """Eta inside the range, 0 outside."""
        return self.eta if self.lowest <= sigma <= self.highest else 0.0


def times_of(sigmas: Sigmas, noise: Noise) -> list[float]:
    """Half the log signal-to-noise ratio at each sigma."""
    return [noise.half_log_snr(sigma) if sigma > 0 else math.inf for sigma in sigmas]


@dataclass(frozen=True)
class Stepping:
    """Steps along a walk's levels, without fresh noise.

    Attributes:
        sigmas: The levels.
        times: Half the log signal-to-noise ratio at each.
        simple: See ``sa_solver``.
    """

    sigmas: Sigmas
    times: Sequence[float]
    simple: bool

    def over(self, step: int, x: Tensor, predictions: Sequence[Tensor], newest: int, tau: float) -> Tensor:
        """X after a step, through predictions of which the last one is that of level ``newest``."""
        points = self.times[newest - len(predictions) + 1 : newest + 1]
        begin, end = self.times[step], self.times[step + 1]
        weigh = simple_weights if self.simple and len(points) == 2 else adams_weights
        signal = self.sigmas[step + 1] * math.exp(end)
        x = x * (self.sigmas[step + 1] / self.sigmas[step] * math.exp(-(tau**2) * (end - begin)))
        for weight, prediction in zip(weigh(points, begin, end, tau), predictions, strict=True):
            x = x + prediction * (signal * weight)
        return x


@sampler("sa_solver", rank=370, order=2, stochastic=True)
def sa_solver(
    x: Tensor,
    sigmas: Sigmas,
    noise: Noise,
    *,
    eta: float = 1.0,
    s_noise: float = 1.0,
    start: float = 0.2,
    end: float = 0.8,
    predictor_order: int = 3,
    corrector_order: int = 4,
    use_pece: bool = False,
    simple: bool = False,
) -> Walk:
    """Predicts through the last predictions, corrects with the new one; renews noise in the middle of the walk.

    ``simple``: where two predictions are used, their line counts by its middle.

    Cost: one evaluation a step; with ``use_pece``, which evaluates the corrected point again, two.
    Source: Xue et al. 2023, "SA-Solver: stochastic Adams solver for fast sampling of diffusion models".
    """
    tau_of: Tau = Renewed(noise, start, end, eta)
    stepped = Stepping(sigmas, times_of(sigmas, noise), simple)
    last = len(sigmas) - 1
    predictions: list[Tensor] = []
    guess, added, tau = x, None, 0.0
    for step in range(last):
        sigma, following = sigmas[step], sigmas[step + 1]
        x0 = yield Evaluate(guess, sigma)
        predictions = [*predictions, x0][-max(predictor_order, corrector_order) :]
        ahead = min(predictor_order, len(predictions))
        behind = 0 if step == 0 or (following == 0 and not use_pece) else min(corrector_order, len(predictions))
        if sigmas[-1] == 0:
            ahead, behind = min(ahead, last - 1 - step), min(behind, last - step)
        if behind == 0:
            x = guess
        else:
            x = stepped.over(step - 1, x, predictions[-behind:], step, tau)
            x = x if added is None else x + added
            if use_pece:
                predictions[-1] = x0 = yield Evaluate(x, sigma, inner=True)
        if following == 0:
            return x0
        tau = tau_of(following)
        guess = stepped.over(step, x, predictions[-ahead:], step, tau)
        added = None
        if tau > 0 and s_noise > 0:
            span = stepped.times[step + 1] - stepped.times[step]
            added = noise.draw() * (following * math.sqrt(-math.expm1(-2 * tau**2 * span)) * s_noise)
            guess = guess + added
    return guess


sa_solver_pece = variant(sa_solver, "sa_solver_pece", rank=380, options={"use_pece": True})
