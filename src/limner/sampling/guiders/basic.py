"""No guidance: the prediction under one conditioning."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from limner.sampling.conditioning import Conditioning
from limner.sampling.denoiser import Denoiser


@dataclass(frozen=True)
class BasicGuider:
    """Takes the prediction as it is."""

    conditioning: Conditioning

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """The one conditioning."""
        return (self.conditioning,)

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """Always."""
        return (True,)

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """The prediction."""
        (prediction,) = predictions
        assert prediction is not None  # wanted said so
        return prediction
