"""Classifier-free guidance with the options that may replace its parts. Guiders that mix two predictions use it.

Options of a denoiser, all of them functions that model-patching nodes set:

* ``sampler_pre_cfg_function``: a list; each gets the predictions ``conds_out`` and gives the ones to go on with;
* ``sampler_cfg_function``: gets ``cond`` and ``uncond`` as x - x0, gives x - x0;
* ``sampler_post_cfg_function``: a list; each gets ``denoised`` and gives what takes its place.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import hook_arguments


def is_alone(scale: float, denoiser: Denoiser) -> bool:
    """Whether a scale of 1 makes the negative prediction needless."""
    return math.isclose(scale, 1.0) and not denoiser.options.get("disable_cfg1_optimization", False)


def guided(
    x: Tensor,
    sigma: float,
    positive: Tensor,
    negative: Tensor | None,
    scale: float,
    denoiser: Denoiser,
    facts: Mapping[str, Any] | None = None,
) -> Tensor:
    """Negative + (positive - negative) * scale, as far as the options leave it at that.

    Args:
        x: Where it was evaluated, [b c h w].
        sigma: The noise level.
        positive: x0 to go towards.
        negative: x0 to go away from; None where the scale is 1.
        scale: How far.
        denoiser: The network, for its options.
        facts: What functions are told besides: ``memory``, a dict that belongs to the walk, and ``conds``, the
            conditionings, None for one that was not evaluated.

    Source: Ho and Salimans 2022, "Classifier-free diffusion guidance".
    """
    alone = negative is None
    told = hook_arguments(x, sigma, denoiser, **({"cond_scale": scale, "memory": {}, "conds": (), **(facts or {})}))
    for function in denoiser.options.get("sampler_pre_cfg_function", ()):
        # What was not evaluated is shown as zeros, which is what these functions expect.
        shown = [positive, torch.zeros_like(positive) if negative is None else negative]
        positive, changed = function(told | {"conds_out": shown})[:2]
        negative = None if alone else changed
    against = positive if negative is None else negative
    told |= {"cond_denoised": positive, "uncond_denoised": against}
    replacement = denoiser.options.get("sampler_cfg_function")
    if replacement is not None:
        x0 = x - replacement(told | {"cond": x - positive, "uncond": x - against})
    elif negative is None:
        x0 = positive
    else:
        x0 = negative + (positive - negative) * scale
    for function in denoiser.options.get("sampler_post_cfg_function", ()):
        x0 = function(told | {"denoised": x0})
    return x0
