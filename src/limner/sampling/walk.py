"""The language between samplers and whoever drives them: a sampler is a generator that asks for evaluations."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from torch import Tensor

Sigmas = Sequence[float]
"""Noise levels of a walk, falling; usually the last one is 0."""


@dataclass(frozen=True)
class Evaluate:
    """Asks what the clean latent is at x and sigma; the answer, like x, is sent back into the generator.

    Attributes:
        x: Latent [b c h w] at the noise level.
        sigma: The noise level, the same for the whole batch of this walk.
        inner: Whether this is a further evaluation inside an outer step: no progress is told for it.
    """

    x: Tensor
    sigma: float
    inner: bool = False


Walk = Generator[Evaluate, Tensor, Tensor]
"""Yields Evaluate, is sent x0, returns the last x."""
