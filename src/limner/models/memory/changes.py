"""A weight with what adapters change in it."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from limner.models.adapters.adapter import Change, Rewrite

Changes = Mapping[str, Sequence[tuple[Change | Rewrite, float]]]
"""Changes and their strengths by the name of the weight, in the order of attachment."""


def changed(
    weight: Tensor, changes: Sequence[tuple[Change | Rewrite, float]], rounding: torch.dtype | None = None
) -> Tensor:
    """A weight plus its changes, summed in float32. Shapes: returns like weight."""
    total = weight.detach().float()
    for change, strength in changes:
        if isinstance(change, Rewrite):
            total = change.rewritten(total, strength)
            continue
        total = total + change.amount(tuple(weight.shape)).to(total.device) * strength
    return total.to(rounding or weight.dtype).to(weight.dtype)
