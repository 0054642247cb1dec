"""The Laplace schedule, for nodes that give its ends."""

import torch
from torch import Tensor

TINY = 1e-5
"""Keeps the logarithm finite at both ends."""


def laplace_sigmas(steps: int, sigma_min: float, sigma_max: float, mu: float = 0.0, beta: float = 0.5) -> Tensor:
    """Sigmas whose logarithms are even quantiles of a Laplace distribution, within limits; no 0 at the end.

    Shapes: returns [steps].
    Source: Hang et al. 2024, "Improved noise schedule for diffusion training".
    """
    share = torch.linspace(0, 1, steps)
    side = 0.5 - share
    return (mu - beta * side.sign() * (1 - 2 * side.abs() + TINY).log()).exp().clamp(sigma_min, sigma_max)
