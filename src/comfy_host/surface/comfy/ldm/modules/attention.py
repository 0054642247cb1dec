"""Attention, and the small layers around it."""

from __future__ import annotations

import torch
from torch import nn

import comfy.ops
from comfy_host.attention import optimized_attention
from comfy_host.missing import absent

ops = comfy.ops.disable_weight_init
attention_basic = attention_pytorch = attention_split = attention_sub_quad = attention_xformers = optimized_attention
optimized_attention_masked = optimized_attention


def optimized_attention_for_device(device, mask=False, small_input=False):
    """Attention, whatever the device."""
    return optimized_attention


def get_attn_precision(attn_precision, current_dtype=None):
    """What attention is computed in: what was asked."""
    return attn_precision


def exists(value):
    """Whether it is not None."""
    return value is not None


def default(value, fallback):
    """The value, or where it is None the other one."""
    if value is not None:
        return value
    return fallback() if callable(fallback) else fallback


def zero_module(module):
    """A module with zeros for weights."""
    for weight in module.parameters():
        weight.detach().zero_()
    return module


class GEGLU(nn.Module):
    """A gated linear layer. Source: Shazeer 2020."""

    def __init__(self, dim_in, dim_out, dtype=None, device=None, operations=ops):
        super().__init__()
        self.proj = operations.Linear(dim_in, dim_out * 2, dtype=dtype, device=device)

    def forward(self, x):
        """The one half, gated by the other."""
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * nn.functional.gelu(gate)


class FeedForward(nn.Module):
    """The perceptron of a transformer's block."""

    def __init__(self, dim, dim_out=None, mult=4, glu=False, dropout=0.0, dtype=None, device=None, operations=ops):
        super().__init__()
        inner, place = int(dim * mult), {"dtype": dtype, "device": device}
        if glu:
            first = GEGLU(dim, inner, operations=operations, **place)
        else:
            first = nn.Sequential(operations.Linear(dim, inner, **place), nn.GELU())
        last = operations.Linear(inner, dim if dim_out is None else dim_out, **place)
        self.net = nn.Sequential(first, nn.Dropout(dropout), last)

    def forward(self, x):
        """Through all layers."""
        return self.net(x)


class CrossAttention(nn.Module):
    """Attention of one sequence to another."""

    def __init__(
        self,
        query_dim,
        context_dim=None,
        heads=8,
        dim_head=64,
        dropout=0.0,
        attn_precision=None,
        dtype=None,
        device=None,
        operations=ops,
    ):
        super().__init__()
        inner, place = dim_head * heads, {"dtype": dtype, "device": device}
        seen = query_dim if context_dim is None else context_dim
        self.heads, self.dim_head, self.attn_precision = heads, dim_head, attn_precision
        self.to_q = operations.Linear(query_dim, inner, bias=False, **place)
        self.to_k = operations.Linear(seen, inner, bias=False, **place)
        self.to_v = operations.Linear(seen, inner, bias=False, **place)
        self.to_out = nn.Sequential(operations.Linear(inner, query_dim, **place), nn.Dropout(dropout))

    def forward(self, x, context=None, value=None, mask=None, transformer_options={}):
        """Shapes: x [b t d], context [b s d]; like x."""
        seen = x if context is None else context
        mixed = optimized_attention(
            self.to_q(x),
            self.to_k(seen),
            self.to_v(seen if value is None else value),
            self.heads,
            mask=mask,
            attn_precision=self.attn_precision,
        )
        return self.to_out(mixed)


class BasicTransformerBlock(nn.Module):
    """A block of the original layout; here so that packs can ask what one is. Networks hold diffusers' blocks."""


class SpatialTransformer(nn.Module):
    """A transformer of the original layout; here so that packs can ask what one is."""


class SpatialVideoTransformer(SpatialTransformer):
    """A transformer of the original layout; here so that packs can ask what one is."""


__getattr__ = absent(__name__)
