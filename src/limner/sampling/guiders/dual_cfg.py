"""Guidance by two conditionings at once, each with a strength of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from limner.sampling.cfg_options import guided, is_alone
from limner.sampling.conditioning import Conditioning
from limner.sampling.denoiser import Denoiser
from limner.sampling.guiders.cfg import on_side


@dataclass(frozen=True)
class DualCfgGuider:
    """From a negative prediction through a middle one to a positive one.

    Attributes:
        positive: The whole wish, for instance a text and a picture.
        middle: A part of it, for instance the picture alone.
        negative: What to go away from.
        scale: How far from the middle to the positive prediction.
        middle_scale: How far from the negative to the middle prediction.
        nested: Whether the first step starts from the result of the second instead of being added to it.
        memory: See CfgGuider.
        Source: Brooks et al. 2023, "InstructPix2Pix".
    """

    positive: Conditioning
    middle: Conditioning
    negative: Conditioning
    scale: float
    middle_scale: float
    nested: bool = False
    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """Positive, middle, negative."""
        return (
            on_side(self.positive, "positive"),
            on_side(self.middle, "positive"),
            on_side(self.negative, "negative"),
        )

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """Without those that a scale of 1 makes needless."""
        if self.nested:
            return (True, not is_alone(self.scale, denoiser), not is_alone(self.middle_scale, denoiser))
        far = not is_alone(self.middle_scale, denoiser)
        return (True, far or not is_alone(self.scale, denoiser), far)

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """The guided x0; options that replace guidance act on the step away from the negative prediction."""
        positive, middle, negative = predictions
        assert positive is not None  # wanted said so
        facts = {"memory": self.memory, "conds": [self.middle, None if negative is None else self.negative]}
        if self.nested:
            inner = positive if middle is None else middle + (positive - middle) * self.scale
            return guided(x, sigma, inner, negative, self.middle_scale, denoiser, facts)
        if middle is None:
            return guided(x, sigma, positive, None, self.scale, denoiser, facts)
        return guided(x, sigma, middle, negative, self.middle_scale, denoiser, facts) + (positive - middle) * self.scale
