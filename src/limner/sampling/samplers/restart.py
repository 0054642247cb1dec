"""Restart sampling: the last part of a walk is walked again from fresh noise."""

import math
from itertools import pairwise

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk

CURVE = 7.0
"""Levels of the part that is walked again are spaced by this root, as in Karras et al. 2022."""

LONG = 36
"""Steps of a walk from which on the part is walked again twice."""


@sampler("restart", rank=1000, order=2, stochastic=True, aliases={"a1111": ("Restart", "restart")})
def restart(x: Tensor, sigmas: Sigmas, noise: Noise, *, low: float = 0.1, high: float = 2.0, times: int = 0) -> Walk:
    """Heun's method that goes back from one level to a higher one, with as much noise as lies between, and down again.

    Errors that were made further up shrink with every such round, errors of the steps themselves hardly grow. Walks
    that begin below ``high``, as those of flow models do, have no such part.

    Cost: two evaluations a step, and for each round those of a quarter of the steps; ``times`` 0 means one round, or
    two from 36 steps on.
    Source: Xu et al. 2023, "Restart sampling for improving generative processes", algorithm 1.
    """
    turn, steps = _turn(sigmas, low, high), len(sigmas) - 1
    for number, (sigma, following) in enumerate(pairwise(sigmas)):
        if number == turn:
            levels = _spaced(high, sigma, max(1, steps // 4))
            for _ in range(times or (2 if steps >= LONG else 1)):
                x = yield from _round(x + noise.draw() * math.sqrt(high**2 - sigma**2), levels)
        x = yield from _step(x, sigma, following)
    return x


def _round(x: Tensor, levels: list[float]) -> Walk:
    """The part of the walk once more."""
    for upper, lower in pairwise(levels):
        x = yield from _step(x, upper, lower, inner=True)
    return x


def _turn(sigmas: Sigmas, low: float, high: float) -> int:
    """The step before which the walk goes back; -1: none."""
    if not len(sigmas) or sigmas[0] < high:
        return -1
    below = [number for number, sigma in enumerate(sigmas) if 0 < sigma <= max(low, 0.0)]
    last = max((number for number, sigma in enumerate(sigmas) if sigma > 0), default=-1)
    turn = below[0] if below else last
    return turn if turn < len(sigmas) - 1 and sigmas[turn] < high else -1


def _spaced(upper: float, lower: float, steps: int) -> list[float]:
    top, bottom = upper ** (1 / CURVE), lower ** (1 / CURVE)
    return [(top + (bottom - top) * number / steps) ** CURVE for number in range(steps)] + [lower]


def _step(x: Tensor, sigma: float, following: float, *, inner: bool = False) -> Walk:
    x0 = yield Evaluate(x, sigma, inner=inner)
    slope = (x - x0) / sigma
    guess = x + slope * (following - sigma)
    if following == 0:
        return guess
    x0 = yield Evaluate(guess, following, inner=True)
    return x + (slope + (guess - x0) / following) / 2 * (following - sigma)
