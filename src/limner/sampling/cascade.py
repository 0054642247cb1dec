"""The noise levels of Stable Cascade: a cosine schedule, moved towards noise for large pictures."""

import math

import torch
from torch import Tensor

from limner.sampling.parametrization import EVERY_SIGMA, EpsParametrization, Parametrization

OFFSET = 8e-3
"""Keeps the first step from being too small."""
TABLE = 10_000
LEAST, MOST = 1e-4, 0.9999
"""Limits of the signal's share."""


class CosineParametrization(EpsParametrization):
    """The output is the noise; the network is told the time from 0 to 1.

    Args:
        shift: Moves the logarithm of the signal-to-noise ratio by twice its own logarithm; 1 moves nothing.

    Source: Nichol and Dhariwal 2021, equation 17; Hoogeboom et al. 2023, "Simple diffusion", section 3.1.
    """

    def __init__(self, shift: float = 1.0) -> None:
        self.shift = shift
        times = torch.arange(1, TABLE + 1, dtype=torch.float64) / TABLE
        super().__init__(self._level(times))

    def __eq__(self, other: object) -> bool:
        """Whether the other reads outputs in the same way."""
        return Parametrization.__eq__(self, other)

    def __hash__(self) -> int:
        return hash((super().__hash__(), self.shift))

    def timestep(self, sigma: Tensor) -> Tensor:
        """The time of a level."""
        signal = 1.0 / (sigma.double() ** 2 + 1.0)
        moved = torch.special.logit(signal, eps=1e-12) + 2.0 * math.log(self.shift)
        angle = (torch.sigmoid(moved) * _start()).clamp(0.0, 1.0).sqrt().acos()
        return (angle / (math.pi / 2) * (1.0 + OFFSET) - OFFSET).float()

    def sigma(self, timestep: Tensor) -> Tensor:
        """The level at a time."""
        return self._level(timestep.double()).to(timestep)

    def percent_to_sigma(self, percent: float) -> float:
        """The level after a share of the time, counted from pure noise. Range: 0 gives a value above every sigma."""
        if percent <= 0.0:
            return EVERY_SIGMA
        if percent >= 1.0:
            return 0.0
        return float(self.sigma(torch.tensor(1.0 - percent)))

    def _level(self, time: Tensor) -> Tensor:
        signal = ((time + OFFSET) / (1.0 + OFFSET) * math.pi / 2).cos() ** 2 / _start()
        signal = signal.clamp(LEAST, MOST)
        moved = torch.sigmoid(torch.special.logit(signal) - 2.0 * math.log(self.shift)).clamp(LEAST, MOST)
        return ((1.0 - moved) / moved).sqrt()


def _start() -> float:
    """The signal's share at time 0, before it is divided by itself."""
    return math.cos(OFFSET / (1.0 + OFFSET) * math.pi / 2) ** 2
