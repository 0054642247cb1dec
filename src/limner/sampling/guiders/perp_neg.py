"""Guidance away from what is wrong only as far as it is not right."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from limner.sampling.conditioning import Conditioning
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import hook_arguments
from limner.sampling.guiders.cfg import on_side


@dataclass(frozen=True)
class PerpNegGuider:
    """The negative prediction counts by its part that is perpendicular to the positive one.

    Attributes:
        positive: What to go towards.
        negative: What to go away from.
        empty: What both are measured from: an empty text.
        cfg: How far.
        negative_scale: Weight of the negative part.
        Source: Armandpour et al. 2023, "Re-imagine the negative prompt algorithm".
    """

    positive: Conditioning
    negative: Conditioning
    empty: Conditioning
    cfg: float
    negative_scale: float

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """Positive, negative, empty."""
        return (on_side(self.positive, "positive"), on_side(self.negative, "negative"), self.empty)

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """All of them."""
        return (True, True, True)

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """Empty + (positive part - perpendicular negative part) * cfg."""
        positive, negative, empty = predictions
        assert positive is not None  # wanted said so
        assert negative is not None
        assert empty is not None
        towards, away = positive - empty, negative - empty
        axes = tuple(range(1, x.ndim))
        along = (away * towards).sum(axes, keepdim=True) / (towards**2).sum(axes, keepdim=True).clamp(min=1e-12)
        x0 = empty + (towards - (away - along * towards) * self.negative_scale) * self.cfg
        told = hook_arguments(x, sigma, denoiser, cond_denoised=positive, uncond_denoised=negative)
        for function in denoiser.options.get("sampler_post_cfg_function", ()):
            x0 = function(told | {"denoised": x0, "cond_scale": self.cfg, "memory": {}})
        return x0
