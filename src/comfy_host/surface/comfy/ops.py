"""Layers that packs build their own networks from: torch's, without initialisation, and with weights cast when used."""

from __future__ import annotations

from comfy_host.layers import CastWeightBiasOp, cast_bias_weight, cast_to, disable_weight_init, manual_cast, pick
from comfy_host.missing import absent


def pick_operations(weight_dtype, compute_dtype, load_device=None, disable_fast_fp8=False, **_):
    """The layers for weights of a type that are computed in another one."""
    return pick(weight_dtype, compute_dtype)


def cast_to_input(weight, input, non_blocking=False, copy=True):
    """A weight of an input's type, at its place."""
    return cast_to(weight, input.dtype, input.device)


__getattr__ = absent(__name__)
