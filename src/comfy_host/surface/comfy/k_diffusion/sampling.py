"""Samplers as functions ``(model, x, sigmas, extra_args, callback, disable, **options)``, one for each of ours.

``model(x, sigma, **extra_args)`` gives the clean latent. Each function drives the walk of the same name.
"""

from __future__ import annotations

import torch

from comfy_host.missing import absent
from comfy_host.walk_functions import (
    BatchedBrownianTree,
    BrownianTreeNoiseSampler,
    append_dims,
    append_zero,
    default_noise_sampler,
    get_ancestral_step,
    sampler_function,
    to_d,
)
from limner.sampling.registry import SamplingRegistry

REGISTRY = SamplingRegistry.discovered()

for _sampler in REGISTRY.samplers.values():
    globals()[f"sample_{_sampler.name}"] = sampler_function(_sampler)
del _sampler


def get_sigmas_karras(n, sigma_min, sigma_max, rho=7.0, device="cpu"):
    """Sigmas evenly spaced in sigma^(1/rho), then 0. Source: Karras et al. 2022, equation 5."""
    ramp = torch.linspace(0, 1, n, device=device)
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return append_zero((high + ramp * (low - high)) ** rho).to(device)


def get_sigmas_exponential(n, sigma_min, sigma_max, device="cpu"):
    """Sigmas evenly spaced in their logarithm, then 0."""
    low, high = torch.tensor(float(sigma_min)).log(), torch.tensor(float(sigma_max)).log()
    return append_zero(torch.linspace(float(high), float(low), n, device=device).exp())


def get_sigmas_polyexponential(n, sigma_min, sigma_max, rho=1.0, device="cpu"):
    """The same along a power of the way."""
    low, high = torch.tensor(float(sigma_min)).log(), torch.tensor(float(sigma_max)).log()
    ramp = torch.linspace(1, 0, n, device=device) ** rho
    return append_zero((ramp * (high - low) + low).exp())


__getattr__ = absent(__name__)
