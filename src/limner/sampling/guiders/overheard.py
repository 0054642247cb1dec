"""A guider whose negative prediction a sampler wants to know."""

from collections.abc import Sequence

from torch import Tensor

from limner.sampling.conditioning import Conditioning
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import Guider


class Overheard:
    """Guides as another guider does, evaluates all of its predictions, and remembers the negative one. For one walk.

    Args:
        guider: Gives the guided x0. Its second prediction is the negative one; a single one stands for both.
    """

    def __init__(self, guider: Guider) -> None:
        self.guider = guider
        self.negative: Tensor | None = None

    @property
    def conditionings(self) -> Sequence[Conditioning]:
        """Those of the guider."""
        return self.guider.conditionings

    def wanted(self, denoiser: Denoiser) -> Sequence[bool]:
        """All of them."""
        return (True,) * len(self.guider.conditionings)

    def combine(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None], denoiser: Denoiser) -> Tensor:
        """What the guider makes of them."""
        self.negative = predictions[min(1, len(predictions) - 1)]
        return self.guider.combine(x, sigma, predictions, denoiser)

    def negative_of(self, x0: Tensor) -> Tensor:
        """The negative prediction of the last evaluation; x0 before there was one."""
        return x0 if self.negative is None else self.negative
