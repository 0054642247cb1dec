"""The continuous variance-preserving schedule, for nodes that give its parameters."""

import torch
from torch import Tensor

from limner.sampling.schedule import ended


def variance_preserving_sigmas(
    steps: int, beta_d: float = 19.9, beta_min: float = 0.1, smallest_time: float = 1e-3
) -> Tensor:
    """Sigmas at even times of the variance-preserving process. Shapes: returns [steps + 1], the last one 0.

    Source: Karras et al. 2022, table 1, column VP.
    """
    time = torch.linspace(1, smallest_time, steps)
    return ended(((beta_d * time**2 / 2 + beta_min * time).exp() - 1).sqrt())
