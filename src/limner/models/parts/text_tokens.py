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
    kept = kept_tokens(mask, context.shape[1])
    return context if bool(kept.all()) else context[:, kept.to(context.device)]


def kept_tokens(mask: Tensor | None, length: int) -> Tensor:
    """Which tokens of a text are shown: where a mask [1 t] is not 0; one at least. Those behind a mask are.

    Shapes: returns [length], boolean.
    """
    kept = torch.ones(length, dtype=torch.bool)
    if mask is not None:
        shown = mask[0, :length].bool().cpu()
        kept[: len(shown)] = shown
    if not bool(kept.any()):
        kept[0] = True
    return kept


def pooled_text(request: InputRequest, width: int) -> Tensor:
    """The entry's pooled text; zeros if it has none. Shapes: returns [1 width]."""
    pooled = request.entry.get("pooled_output")
    return torch.zeros(1, width) if pooled is None else pooled[:1]
