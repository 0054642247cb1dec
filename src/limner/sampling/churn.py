"""Noise that a walk takes on before a step, so that the step begins a little further up."""

import math
from dataclasses import dataclass

from torch import Tensor

from limner.sampling.noise import Noise

MOST = math.sqrt(2) - 1
"""Share of its level that one step may take on."""


@dataclass(frozen=True)
class Churn:
    """How much of it.

    Attributes:
        amount: For all steps together; 0: none.
        low: Levels from here,
        high: to here take it on; 0 means the same as no bound.
        scale: What the noise is multiplied by.
    """

    amount: float = 0.0
    low: float = 0.0
    high: float = 0.0
    scale: float = 1.0

    def raised(self, x: Tensor, sigma: float, steps: int, noise: Noise) -> tuple[Tensor, float]:
        """The latent and its level before a step.

        Args:
            x: At ``sigma``.
            sigma: Where the step would begin.
            steps: Of the walk.
            noise: Where it comes from.

        Source: Karras et al. 2022, algorithm 2, lines 4 to 6.
        """
        if self.amount <= 0 or sigma < self.low or (self.high > 0 and sigma > self.high):
            return x, sigma
        above = sigma * (1 + min(self.amount / max(1, steps), MOST))
        return x + noise.draw() * (self.scale * math.sqrt(above**2 - sigma**2)), above


NONE = Churn()
"""A walk takes on nothing."""
