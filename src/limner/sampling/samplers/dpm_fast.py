"""DPM-Solver with a given number of evaluations, and its steps."""

import math
from collections.abc import Generator

import numpy as np
from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk

Part = Generator[Evaluate, Tensor, Tensor]
"""A step inside a walk: asks, and returns where it ends."""


def epsilon(x: Tensor, time: float, *, inner: bool = True) -> Part:
    """The noise in x at a time, which is minus the logarithm of sigma."""
    sigma = math.exp(-time)
    x0 = yield Evaluate(x, sigma, inner=inner)
    return (x - x0) / sigma


def first_order(x: Tensor, start: float, end: float, eps: Tensor) -> Tensor:
    """One exponential Euler step. Source: Lu et al. 2022, "DPM-Solver"."""
    return x - math.exp(-end) * math.expm1(end - start) * eps


def second_order(x: Tensor, start: float, end: float, eps: Tensor, eps_1: Tensor, share: float) -> Tensor:
    """A step with the noise at a share of the way. Source: Lu et al. 2022, "DPM-Solver"."""
    reach = math.exp(-end) * math.expm1(end - start)
    return x - reach * eps - reach / (2 * share) * (eps_1 - eps)


def third_order(x: Tensor, start: float, end: float, eps: Tensor, eps_1: Tensor) -> Part:
    """A step with the noise at a third and at two thirds of the way, the first of them given.

    Source: Lu et al. 2022, "DPM-Solver", with r1 = 1/3 and r2 = 2/3.
    """
    span = end - start
    middle, share = start + span * 2 / 3, span * 2 / 3
    bent = 2 * math.exp(-middle) * (math.expm1(share) / share - 1) * (eps_1 - eps)
    guess = first_order(x, start, middle, eps) - bent
    eps_2 = yield from epsilon(guess, middle)
    return first_order(x, start, end, eps) - math.exp(-end) * 1.5 * (math.expm1(span) / span - 1) * (eps_2 - eps)


def orders(evaluations: int) -> list[int]:
    """The orders of the steps that need so many evaluations all together."""
    whole = evaluations // 3 + 1
    if evaluations % 3:
        return [3] * (whole - 1) + [evaluations % 3]
    return [3] * (whole - 2) + [2, 1]


def lowest(sigmas: Sigmas) -> float:
    """The smallest sigma above 0 of a walk that may end at 0."""
    return sigmas[-1] if sigmas[-1] > 0 or len(sigmas) < 3 else sigmas[-2]


@sampler("dpm_fast", rank=90, order=1)
def dpm_fast(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """Steps of third order on a scale of its own between the ends of the sigmas, as many as evaluations allow.

    The walk ends at the last sigma above 0.

    Cost: one evaluation for each step of the schedule.
    Source: Lu et al. 2022, "DPM-Solver: a fast ODE solver for diffusion probabilistic model sampling".
    """
    smallest = lowest(sigmas)
    if smallest == 0:
        return (yield Evaluate(x, sigmas[0]))
    plan = orders(len(sigmas) - 1)
    times = np.linspace(-math.log(sigmas[0]), -math.log(smallest), len(plan) + 1).tolist()
    for order, start, end in zip(plan, times, times[1:], strict=False):
        eps = yield from epsilon(x, start, inner=False)
        if order == 1:
            x = first_order(x, start, end, eps)
            continue
        share = 1 / order
        middle = start + (end - start) * share
        eps_1 = yield from epsilon(first_order(x, start, middle, eps), middle)
        if order == 2:
            x = second_order(x, start, end, eps, eps_1, share)
        else:
            x = yield from third_order(x, start, end, eps, eps_1)
    return x
