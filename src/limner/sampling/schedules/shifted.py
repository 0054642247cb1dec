"""The schedule of flow models whose noise grows with the number of tokens."""

import math

import torch
from torch import Tensor

SMALL, LARGE = 1024, 4096
"""Numbers of tokens at which the base shift and the largest shift hold."""


def token_shift(tokens: float, base_shift: float, max_shift: float, small: int = SMALL, large: int = LARGE) -> float:
    """The shift for a number of tokens, on the line through two given ones."""
    slope = (max_shift - base_shift) / (large - small)
    return base_shift + slope * (tokens - small)


def shifted_sigmas(steps: int, shift: float, terminal: float | None = None) -> Tensor:
    """Even times under an exponential shift, falling from 1 to 0.

    Args:
        steps: Wanted steps.
        shift: Natural logarithm of the factor.
        terminal: What the smallest sigma above 0 is stretched to, or None.

    Shapes: returns [steps + 1].
    Source: Esser et al. 2024, "Scaling rectified flow transformers", section 5.3.2 (resolution-dependent shift).
    """
    time = torch.linspace(1, 0, steps + 1)
    factor = math.exp(shift)
    sigmas = torch.where(time > 0, factor / (factor + (1 / time.clamp(min=1e-12) - 1)), torch.zeros(()))
    if terminal is not None and steps > 1:
        rest = 1 - sigmas[:-1]
        sigmas[:-1] = 1 - rest * (1 - terminal) / rest[-1]
    return sigmas
