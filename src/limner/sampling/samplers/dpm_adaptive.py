"""DPM-Solver that chooses its own steps."""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from limner.sampling.ancestral import ancestral_split
from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.samplers.dpm_fast import epsilon, first_order, lowest, second_order, third_order
from limner.sampling.walk import Sigmas, Walk

TINY = 1e-8
NEAR = 1e-5
"""Distance to the end at which a walk has arrived."""
MOST_TRIALS = 10000
"""After so many trials the step length can only be stuck."""


@dataclass
class StepControl:
    """Chooses step lengths from errors.

    Attributes:
        length: The next step to try.
        gains: Of the present error and the two before.
        safety: Least factor at which a trial is accepted.

    Source: Söderlind 2003, "Digital filters in adaptive time-stepping".
    """

    length: float
    gains: tuple[float, float, float]
    safety: float
    history: list[float] = field(default_factory=list)

    def accepts(self, error: float) -> bool:
        """Whether a trial with this error counts; sets the next length in any case."""
        inverse = 1.0 / (error + TINY)
        self.history = [inverse, *(self.history or [inverse] * 3)[1:]]
        factor = math.prod(past**gain for past, gain in zip(self.history, self.gains, strict=True))
        factor = 1.0 + math.atan(factor - 1.0)
        self.length *= factor
        accepted = factor >= self.safety
        if accepted:
            self.history = [self.history[0], self.history[0], self.history[1]]
        return accepted


@sampler("dpm_adaptive", rank=100, order=0)
def dpm_adaptive(
    x: Tensor,
    sigmas: Sigmas,
    noise: Noise,
    *,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    pcoeff: float = 0.0,
    icoeff: float = 1.0,
    dcoeff: float = 0.0,
    accept_safety: float = 0.81,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Walk:
    """Compares steps of two orders and goes as far as their difference allows; of the sigmas only the ends count.

    Range: order 2 or 3.
    Cost: two or three evaluations a trial, however many trials there are.
    Source: Lu et al. 2022, "DPM-Solver".
    """
    smallest = lowest(sigmas)
    if smallest == 0:
        smallest = sigmas[0] * NEAR
    time, end = -math.log(sigmas[0]), -math.log(smallest)
    divisor = 1.5 if eta else order
    gains = (pcoeff + icoeff + dcoeff, -(pcoeff + 2 * dcoeff), dcoeff)
    control = StepControl(h_init, (gains[0] / divisor, gains[1] / divisor, gains[2] / divisor), accept_safety)
    before = x
    for _ in range(MOST_TRIALS):
        if time >= end - NEAR:
            break
        reached, up = min(end, time + control.length), 0.0
        target = reached
        if eta:
            down, _up = ancestral_split(math.exp(-time), math.exp(-reached), eta)
            target = min(end, -math.log(max(down, TINY)))
            up = max(0.0, math.exp(-2 * reached) - math.exp(-2 * target)) ** 0.5
        eps = yield from epsilon(x, time, inner=False)
        share = 1 / order
        middle = time + (target - time) * share
        eps_1 = yield from epsilon(first_order(x, time, middle, eps), middle)
        coarse = first_order(x, time, target, eps) if order == 2 else second_order(x, time, target, eps, eps_1, share)
        if order == 2:
            fine = second_order(x, time, target, eps, eps_1, share)
        else:
            fine = yield from third_order(x, time, target, eps, eps_1)
        allowed = (rtol * torch.maximum(coarse.abs(), before.abs())).clamp(min=atol)
        error = float(torch.linalg.vector_norm((coarse - fine) / allowed)) / x.numel() ** 0.5
        if control.accepts(error):
            before, x = coarse, fine
            if up:
                x = x + noise.increment(math.exp(-time), math.exp(-reached)) * (s_noise * up)
            time = reached
    return x
