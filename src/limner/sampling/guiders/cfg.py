"""Classifier-free guidance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from limner.sampling.cfg_options import guided, is_alone
from limner.sampling.composition import composed, is_sum, parts_of
from limner.sampling.conditioning import Conditioning
from limner.sampling.denoiser import Denoiser


@dataclass(frozen=True)
class CfgGuider:
    """Away from the negative prediction, through the positive one.

    The network's options may replace parts of it, see ``cfg_options``. A positive conditioning of several prompts (see
    ``composition``) is predicted prompt by prompt; the first one stands before the negative one, the others behind it.

    Attributes:
        positive: What to go towards.
        negative: What to go away from.
        cfg: How far; 1 is the positive prediction itself, and then the negative one is not evaluated.
        memory: What functions of the options remember from one evaluation of the walk to the next.
        Source: Ho and Salimans 2022, "Classifier-free diffusion guidance", equation 6.
    """

    positive: Conditioning
    negative: Conditioning
    cfg: float
    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """Positive, negative; each entry is told on which side it stands, since some networks ask."""
        first, *others = (on_side(part, "positive") for _, part in parts_of(self.positive))
        return (first, on_side(self.negative, "negative"), *others)

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """The negative one only where it counts."""
        weights = self._weights
        return (True, is_sum(weights) or not is_alone(self.cfg, denoiser), *(True,) * (len(weights) - 1))

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """Negative + (positive - negative) * cfg."""
        positive, negative, *others = predictions
        assert positive is not None  # wanted said so
        weights = self._weights
        if negative is not None and is_sum(weights):
            positive = composed(negative, [positive, *(other for other in others if other is not None)], weights)
        facts = {"memory": self.memory, "conds": [self.positive, None if negative is None else self.negative]}
        return guided(x, sigma, positive, negative, self.cfg, denoiser, facts)

    @property
    def _weights(self) -> list[float]:
        """Those of the positive prompts."""
        return [weight for weight, _ in parts_of(self.positive)]


def on_side(conditioning: Conditioning, side: str) -> Conditioning:
    """Conditioning whose entries say on which side they stand."""
    return [[context, {"prompt_type": side, **options}] for context, options in conditioning]
