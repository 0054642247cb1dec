"""Rounding to small floats."""

from __future__ import annotations

import torch

from comfy_host.missing import absent


def stochastic_rounding(value, dtype, seed=0):
    """A tensor in a small type, rounded up or down at random so that its mean stays.

    Noise of up to one step of the type is added before it is rounded down.
    """
    if dtype not in (torch.float8_e4m3fn, torch.float8_e5m2):
        return value.to(dtype)
    generator = torch.Generator(value.device).manual_seed(seed)
    near = value.to(dtype).float()
    bits, lowest = (3, -6) if dtype == torch.float8_e4m3fn else (2, -14)
    exponent = value.float().abs().clamp(min=2.0**lowest).log2().floor()
    step = torch.exp2(exponent - bits)
    chance = torch.rand(value.shape, generator=generator, device=value.device)
    rounded = ((value.float() / step) + chance).floor() * step
    limit = torch.finfo(dtype).max
    return torch.where(value == near, near, rounded.clamp(-limit, limit)).to(dtype)


__getattr__ = absent(__name__)
