"""Attention over heads laid side by side. Computed by torch's scaled_dot_product_attention.

Node packs call this function too, under a name of their own: the arguments are what they pass.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    heads: int,
    mask: Tensor | None = None,
    attn_precision: torch.dtype | None = None,
    skip_reshape: bool = False,
    skip_output_reshape: bool = False,
    **_: Any,
) -> Tensor:
    """Softmax(q k^T / sqrt(d)) v.

    Args:
        q: [b t heads*d]; with ``skip_reshape`` [b heads t d].
        k: Likewise, of any length.
        v: Likewise, as long as k.
        heads: How many stand side by side.
        mask: Boolean or added to the scores, [t s], [b t s] or [b heads t s].
        attn_precision: What to compute in, if it is more than q has.
        skip_reshape: Whether heads are an axis of their own already.
        skip_output_reshape: Whether they stay one.

    Returns:
        [b t heads*d], or [b heads t d].

    Source: Vaswani et al. 2017, "Attention is all you need", equation 1.
    """
    if not skip_reshape:
        q, k, v = (split_heads(value, heads) for value in (q, k, v))
    given = q.dtype
    if attn_precision is not None and attn_precision != given:
        q, k, v = (value.to(attn_precision) for value in (q, k, v))
    mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=_mask(mask, q)).to(given)
    return mixed if skip_output_reshape else mixed.transpose(1, 2).flatten(2)


def split_heads(value: Tensor, heads: int) -> Tensor:
    """[b t heads*d] to [b heads t d]."""
    samples, length, width = value.shape
    return value.view(samples, length, heads, width // heads).transpose(1, 2)


def _mask(mask: Tensor | None, q: Tensor) -> Tensor | None:
    if mask is None:
        return None
    if mask.ndim == 2 and mask.shape[0] == q.shape[0] and mask.shape[0] != q.shape[2]:
        mask = mask[:, None, None, :]
    elif mask.ndim == 3:
        mask = mask[:, None]
    return mask if mask.dtype == torch.bool else mask.to(q)
