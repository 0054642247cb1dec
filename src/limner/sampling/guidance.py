"""One walk's question to its network: an x and a sigma become calls, and the calls' outputs become x0."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from limner.sampling.conditioning import Entry, resolved, with_matching_areas
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import Guider

TINY = 1e-37
"""Keeps a weighted mean defined where nothing has weight; it is 0 there."""


@dataclass(frozen=True)
class Branch:
    """A conditioning's entries with the network inputs of each."""

    entries: Sequence[Entry]
    inputs: Sequence[Mapping[str, Tensor]]


@dataclass(eq=False)
class Call:
    """What one conditioning entry needs of the network.

    Attributes:
        denoiser: The network.
        entry: The entry.
        branch: Which of the guider's predictions it belongs to.
        x: The entry's region, not yet scaled, [b c h w].
        sigma: The noise level.
        inputs: The network's other inputs, [b ...].
        x0: The answer, like x, once there is one.
    """

    denoiser: Denoiser
    entry: Entry
    branch: int
    x: Tensor
    sigma: float
    inputs: Mapping[str, Tensor]
    x0: Tensor | None = None
    group: Hashable = field(init=False)
    """Calls with equal groups may share a forward pass."""

    def __post_init__(self) -> None:
        shapes = tuple(sorted((name, tuple(value.shape[1:])) for name, value in self.inputs.items()))
        meaning = self.denoiser.parametrization
        self.group = (self.denoiser.key, meaning, tuple(self.x.shape[1:]), self.x.dtype, shapes)

    @property
    def samples(self) -> int:
        """How many samples it adds to a batch."""
        return self.x.shape[0]


@dataclass(frozen=True)
class Question:
    """What a walk asks at one x and sigma."""

    guidance: "Guidance"
    x: Tensor
    sigma: float
    calls: Sequence[Call]

    @property
    def answered(self) -> bool:
        """Whether every call has its answer."""
        return all(call.x0 is not None for call in self.calls)

    def answer(self) -> Tensor:
        """The guided x0, once all calls are answered."""
        guidance = self.guidance
        return guidance.guider.combine(self.x, self.sigma, self.predictions(), guidance.denoiser)

    def predictions(self) -> list[Tensor | None]:
        """The mean of each branch, once all calls are answered; None where it is not wanted."""
        guidance = self.guidance
        return [
            self._mean([call for call in self.calls if call.branch == number]) if wanted else None
            for number, wanted in enumerate(guidance.guider.wanted(guidance.denoiser))
        ]

    def _mean(self, calls: Sequence[Call]) -> Tensor:
        """The mean of a branch's predictions, each with its weight per element."""
        if len(calls) == 1 and calls[0].entry.everywhere and calls[0].x0 is not None:
            return calls[0].x0
        total = torch.zeros_like(self.x)
        weights = torch.full_like(self.x, TINY)
        for call in calls:
            assert call.x0 is not None  # answered
            weight = call.entry.weight(self.x)
            area = call.entry.area
            (total if area is None else area.of(total)).add_(call.x0 * weight)
            (weights if area is None else area.of(weights)).add_(weight)
        return total / weights


class Guidance:
    """A network under a guider, for one walk.

    Args:
        denoiser: The network.
        guider: Says which predictions there are and how they combine.
        latent: The walk's latent [b c h w], on the network's device.
    """

    def __init__(self, denoiser: Denoiser, guider: Guider, latent: Tensor) -> None:
        self.denoiser, self.guider = denoiser, guider
        found = [resolved(conditioning, latent, denoiser.parametrization) for conditioning in guider.conditionings]
        # Each branch is matched against what the others were given, not against what matching added to them.
        matched = [
            with_matching_areas(
                entries, [entry for number, other in enumerate(found) if number != own for entry in other]
            )
            for own, entries in enumerate(found)
        ]
        self.branches = [Branch(entries, [self._inputs(entry, latent) for entry in entries]) for entries in matched]

    def _inputs(self, entry: Entry, latent: Tensor) -> dict[str, Tensor]:
        region = latent if entry.area is None else entry.area.of(latent)
        rows = [
            self.denoiser.inputs(entry.options, entry.context[row : row + 1], region)
            for row in range(min(entry.context.shape[0], latent.shape[0]))
        ]
        places = torch.arange(latent.shape[0]) % len(rows)
        return {name: torch.cat([row[name] for row in rows])[places] for name in rows[0]}

    def question(self, x: Tensor, sigma: float) -> Question:
        """The calls that an evaluation needs: one for each entry that counts at sigma."""
        calls: list[Call] = []
        for number, wanted in enumerate(self.guider.wanted(self.denoiser)):
            branch = self.branches[number]
            for entry, inputs in zip(branch.entries, branch.inputs, strict=True):
                if wanted and entry.active(sigma):
                    region = x if entry.area is None else entry.area.of(x)
                    calls.append(Call(self.denoiser, entry, number, region, sigma, inputs))
        return Question(self, x, sigma, calls)
