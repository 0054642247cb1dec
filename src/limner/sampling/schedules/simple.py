"""The simple schedule."""

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.schedule import ended, schedule


@schedule("simple", rank=0)
def simple(parametrization: Parametrization, steps: int) -> Tensor:
    """Every n-th entry of the network's own table, from the top.

    Shapes: returns [steps + 1].
    """
    table = parametrization.sigmas
    stride = len(table) / steps
    return ended(torch.stack([table[-(1 + int(index * stride))] for index in range(steps)]))
