"""Which network answers which question: options of a denoiser that change it by noise level and by prediction.

A change that holds for a part of a walk only, or for one of the predictions, must not reach the forward passes of
others. So the denoiser itself is exchanged before a call is made: calls whose network is the same at that moment still
share a pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from limner.sampling.denoiser import Denoiser

VARIATIONS = "variations"
"""Option of a denoiser: a tuple of Variation, asked one after the other before each call."""

REPORTS = "reports"
"""Option of a denoiser: names of tensors [n ...] that its passes give beside their output."""

RECALLS = "recalls"
"""Option of a denoiser: names of such tensors that its passes want among their inputs; what the last pass of the same
conditioning entry gave."""


@dataclass(frozen=True)
class Moment:
    """When a network is asked.

    Attributes:
        sigma: The noise level.
        branch: Which of the guider's predictions is asked for; 0 for further positive prompts, too.
        number: How many questions the walk has asked before.
        reported: Names of tensors that are there to be recalled.
    """

    sigma: float
    branch: int
    number: int = 0
    reported: frozenset[str] = frozenset()


Variation = Callable[[Any, Moment], Any]
"""Gives the denoiser that answers at a moment: the given one, or one made of it."""


def varied(denoiser: Denoiser, moment: Moment) -> Denoiser:
    """The denoiser that answers at a moment."""
    found: Denoiser = denoiser
    for variation in denoiser.options.get(VARIATIONS, ()):
        found = variation(found, moment)
    return found


@dataclass(frozen=True)
class Span:
    """A part of a walk, in shares counted from pure noise.

    Range: 0 to 1; the whole walk from 0 to 1.
    """

    start: float = 0.0
    end: float = 1.0

    def holds(self, sigma: float, denoiser: Denoiser) -> bool:
        """Whether a noise level of the denoiser lies in it."""
        meaning = denoiser.parametrization
        return meaning.percent_to_sigma(self.end) <= sigma <= meaning.percent_to_sigma(self.start)


WHOLE = Span()
"""The whole walk."""
