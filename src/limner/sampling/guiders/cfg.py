"""Classifier-free guidance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from limner.sampling.conditioning import Conditioning
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import hook_arguments


@dataclass(frozen=True)
class CfgGuider:
    """Away from the negative prediction, through the positive one.

    Model options that replace parts of it: ``sampler_cfg_function`` (noise predictions in, noise prediction out),
    ``sampler_post_cfg_function`` (a list; x0 in, x0 out), ``disable_cfg1_optimization``.

    Attributes:
        positive: What to go towards.
        negative: What to go away from.
        cfg: How far; 1 is the positive prediction itself, and then the negative one is not evaluated.
        Source: Ho and Salimans 2022, "Classifier-free diffusion guidance", equation 6.
    """

    positive: Conditioning
    negative: Conditioning
    cfg: float

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """Positive, negative; each entry is told on which side it stands, since some networks ask."""
        return (_on_side(self.positive, "positive"), _on_side(self.negative, "negative"))

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """The negative one only where it counts."""
        alone = math.isclose(self.cfg, 1.0) and not denoiser.options.get("disable_cfg1_optimization", False)
        return (True, not alone)

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """Negative + (positive - negative) * cfg."""
        positive, negative = predictions
        assert positive is not None  # wanted said so
        against = positive if negative is None else negative
        replacement = denoiser.options.get("sampler_cfg_function")
        if replacement is not None:
            told = hook_arguments(x, sigma, denoiser, cond_denoised=positive, uncond_denoised=against)
            told |= {"cond": x - positive, "uncond": x - against, "cond_scale": self.cfg}
            x0 = x - replacement(told)
        elif negative is None:
            x0 = positive
        else:
            x0 = negative + (positive - negative) * self.cfg
        for function in denoiser.options.get("sampler_post_cfg_function", ()):
            told = hook_arguments(x, sigma, denoiser, cond_denoised=positive, uncond_denoised=against)
            x0 = function(told | {"denoised": x0, "cond_scale": self.cfg})
        return x0


def _on_side(conditioning: Conditioning, side: str) -> Conditioning:
    return [[context, {"prompt_type": side, **options}] for context, options in conditioning]
