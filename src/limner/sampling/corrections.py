"""Guidance that looks at further predictions: of a weaker network, or of a worsened latent.

A correction is a generator, as a sampler is: it asks for a prediction, is sent the answer, and in the end gives the x0
to go on with. So what it asks shares forward passes with everybody else's calls.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from limner.sampling.denoiser import Denoiser

CORRECTIONS = "corrections"
"""Option of a denoiser: a tuple of Correction, applied one after the other to what the guider gives."""


@dataclass(frozen=True)
class Ask:
    """Asks for a prediction.

    Attributes:
        denoiser: Of which network.
        x: Where, like the walk's x.
        branch: Under which of the guider's conditionings.
    """

    denoiser: Denoiser
    x: Tensor
    branch: int


@dataclass(frozen=True)
class Seen:
    """What is known when a correction begins.

    Attributes:
        denoiser: The network.
        x: Where it was evaluated, [b c h w].
        sigma: The noise level.
        predictions: x0 under each of the guider's conditionings; None where not wanted.
        x0: What the guider and earlier corrections made of them.
        reports: Asked for a branch: what the pass of its first entry gave beside its output, if that entry counts
            everywhere.
    """

    denoiser: Denoiser
    x: Tensor
    sigma: float
    predictions: Sequence[Tensor | None]
    x0: Tensor
    reports: Callable[[int], Mapping[str, Tensor]]

    @property
    def negative_branch(self) -> int:
        """The last conditioning that was asked about; the first one where it is the only one."""
        return max(number for number, prediction in enumerate(self.predictions) if prediction is not None)

    @property
    def positive(self) -> Tensor:
        """The prediction to go towards: that under the first conditioning."""
        first = self.predictions[0]
        assert first is not None  # every guider wants its first
        return first


Corrections = Generator[Ask, Tensor, Tensor]
"""Yields Ask, is sent the prediction, returns the x0 to go on with."""


class Correction(Protocol):
    """A way of correcting guidance. Frozen: a denoiser's options hold it."""

    def corrected(self, seen: Seen) -> Corrections:
        """The x0 to go on with."""
        ...
