"""Features of timesteps, and schedules of betas."""

from __future__ import annotations

import math

import torch

from comfy_host.missing import absent


def timestep_embedding(timesteps, dim, max_period=10000, repeat_only=False):
    """Cosines and sines of falling frequencies. Shapes: timesteps [n]; [n dim]. Source: Vaswani et al. 2017, 3.5."""
    half = dim // 2
    rates = torch.exp(-math.log(max_period) * torch.arange(half, device=timesteps.device, dtype=torch.float32) / half)
    angles = timesteps[:, None].float() * rates[None]
    features = torch.cat([angles.cos(), angles.sin()], dim=-1)
    return torch.nn.functional.pad(features, (0, dim % 2))


def make_beta_schedule(schedule, n_timestep, linear_start=1e-4, linear_end=2e-2, cosine_s=8e-3):
    """Betas [n] as float64."""
    if schedule == "linear":
        return torch.linspace(linear_start**0.5, linear_end**0.5, n_timestep, dtype=torch.float64) ** 2
    if schedule == "sqrt_linear":
        return torch.linspace(linear_start, linear_end, n_timestep, dtype=torch.float64)
    raise ValueError(f"Schedules of betas are linear and sqrt_linear; not {schedule!r}.")


__getattr__ = absent(__name__)
