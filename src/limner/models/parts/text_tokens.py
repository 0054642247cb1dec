"""The text that a network is shown: masked tokens are left out.

A token that no other may look at, and whose own place nobody asks for, does not change what a transformer answers. So a
mask over padding is followed by cutting the padding off, which needs no masked attention and costs less.
"""

import torch
from torch import Tensor

from limner.models.family import InputRequest


def shown_text(request: InputRequest) -> Tensor:
    """The entry's text without its masked tokens; at least one is kept. Shapes: returns [1 t' d]."""
    mask = request.entry.get("attention_mask")
    return request.context if mask is None else unmasked(request.context, mask)


def unmasked(context: Tensor, mask: Tensor) -> Tensor:
    """The tokens [1 t' d] of a text [1 t d] where a mask [1 t] is not 0."""
    kept = mask[0, : context.shape[1]].bool()
    if bool(kept.all()):
        return context
    if not bool(kept.any()):
        return context[:, :1]
    return context[:, : len(kept)][:, kept.to(context.device)]


def pooled_text(request: InputRequest, width: int) -> Tensor:
    """The entry's pooled text; zeros if it has none. Shapes: returns [1 width]."""
    pooled = request.entry.get("pooled_output")
    return torch.zeros(1, width) if pooled is None else pooled[:1]
