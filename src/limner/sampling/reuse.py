"""Steps that ask no network: where a walk runs so straight that its last direction still holds.

The network's output, read as the direction of the walk, changes about as fast as its input does; how fast was seen at
the last steps that did ask. So the error of going on without asking can be foretold, and is added up until it is too
much.

Source: Zhou et al. 2025, "Less is enough: training-free video diffusion acceleration via runtime-adaptive caching"
(EasyCache), equations 7 to 10.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from limner.sampling.denoiser import Denoiser
from limner.sampling.variants import Span

logger = logging.getLogger(__name__)

REUSE = "reuse"
"""Option of a denoiser: a ReusePolicy."""

TINY = 1e-12


@dataclass(frozen=True)
class ReusePolicy:
    """How far a walk may go without asking.

    Attributes:
        threshold: Foretold relative error at which the network is asked again; 0 asks always.
        span: Where in the walk.
        guided: Whether the guided x0 is reused, with whatever guidance does; else the predictions before guidance.
        told: Whether the log says what was saved.
    """

    threshold: float
    span: Span
    guided: bool = False
    told: bool = False

    def begin(self, denoiser: Denoiser) -> "Reuse":
        """For one walk of a denoiser."""
        return Reuse(self, denoiser)


@dataclass
class Reuse:
    """What a walk remembers of its last steps.

    Directions are (x - x0) / sigma, inputs are x as the network gets it.
    """

    policy: ReusePolicy
    denoiser: Denoiser
    rate: float | None = None
    foretold: float = 0.0
    saved: int = 0
    shown: Tensor | None = None
    directions: Sequence[Tensor | None] = ()
    beyond: Sequence[Tensor | None] = field(default=())
    """Directions minus inputs at the last step that asked."""

    @property
    def guided(self) -> bool:
        """Whether it is about the guided x0."""
        return self.policy.guided

    def recalled(self, x: Tensor, sigma: float) -> list[Tensor | None] | None:
        """Predictions that need no network; None: ask it. Shapes: x [b c h w]; returns like x."""
        shown = self._shown(x, sigma)
        if self.rate is None or self.shown is None or not self.policy.span.holds(sigma, self.denoiser):
            return None
        step = float((shown - self.shown).abs().mean())
        self.foretold += self.rate * step / (_size(self.directions) + TINY)
        if self.foretold >= self.policy.threshold:
            return None
        directions = [None if beyond is None else shown + beyond for beyond in self.beyond]
        self.shown, self.directions = shown, directions
        self.saved += 1
        if self.policy.told:
            logger.info("Sigma %.4g: not asked, foretold error %.3g; %d saved.", sigma, self.foretold, self.saved)
        return [None if direction is None else x - direction * sigma for direction in directions]

    def keep(self, x: Tensor, sigma: float, predictions: Sequence[Tensor | None]) -> None:
        """What was asked after all."""
        shown = self._shown(x, sigma)
        directions = [None if x0 is None else (x - x0) / max(sigma, TINY) for x0 in predictions]
        if self.shown is not None and len(self.directions) == len(directions):
            changes = [
                None if now is None or before is None else now - before
                for now, before in zip(directions, self.directions, strict=True)
            ]
            self.rate = _size(changes) / (float((shown - self.shown).abs().mean()) + TINY)
        self.shown, self.directions, self.foretold = shown, directions, 0.0
        self.beyond = [None if direction is None else direction - shown for direction in directions]

    def _shown(self, x: Tensor, sigma: float) -> Tensor:
        return self.denoiser.parametrization.scale_input(x, x.new_full((x.shape[0],), sigma))


def _size(tensors: Sequence[Tensor | None]) -> float:
    """The mean magnitude of what is there."""
    sizes = [float(tensor.abs().mean()) for tensor in tensors if tensor is not None]
    return sum(sizes) / max(1, len(sizes))
