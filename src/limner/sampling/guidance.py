"""One walk's question to its network: an x and a sigma become calls, and the calls' outputs become x0."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from limner.sampling.absence import with_absences
from limner.sampling.composition import is_further
from limner.sampling.conditioning import (
    Entry,
    of_row,
    resolved,
    rows,
    with_matching_areas,
    with_shared_controls,
    within,
)
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import Guider
from limner.sampling.reuse import REUSE
from limner.sampling.variants import RECALLS, Moment, varied

SEED = "seed"
"""Option that all entries are given: the walk's seed."""

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
        number: Its place among the entries of its branch.
        branch: Which of the guider's predictions it belongs to.
        x: The entry's region, not yet scaled, [b c h w].
        sigma: The noise level.
        inputs: The network's other inputs, [b ...].
        x0: The answer, like x, once there is one.
        reports: What the pass gave besides, [b ...], where the denoiser's options name something.
    """

    denoiser: Denoiser
    entry: Entry
    number: int
    branch: int
    x: Tensor
    sigma: float
    inputs: Mapping[str, Tensor]
    x0: Tensor | None = None
    reports: Mapping[str, Tensor] = field(default_factory=dict)
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

    def predictions(self) -> list[Tensor | None]:
        """The mean of each branch, once all calls are answered; None where it is not wanted."""
        guidance = self.guidance
        return [
            self.prediction(number) if wanted else None
            for number, wanted in enumerate(guidance.guider.wanted(guidance.denoiser))
        ]

    def prediction(self, branch: int) -> Tensor:
        """The mean of one branch, once its calls are answered."""
        return self._mean([call for call in self.calls if call.branch == branch])

    def _mean(self, calls: Sequence[Call]) -> Tensor:
        """The mean of a branch's predictions, each with its weight per element."""
        if len(calls) == 1 and calls[0].entry.everywhere and calls[0].x0 is not None:
            return calls[0].x0
        total = torch.zeros_like(self.x)
        weights = torch.full_like(self.x, TINY)
        # Those that count where no other does come last, when it is known where that is.
        for call in sorted(calls, key=lambda call: call.entry.default):
            assert call.x0 is not None  # answered
            weight = call.entry.weight(self.x)
            if call.entry.default:
                reached = weights if call.entry.area is None else call.entry.area.of(weights)
                weight = weight * (1 - reached).clamp(min=0)
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
        mask: 1 where the walk is free, 0 where the latent stays, like latent; None: it is free everywhere. Networks
            that want to know are told by an entry's option ``denoise_mask``.
        seed: The walk's, for networks that are shown noise beside the latent; an entry's option ``seed`` tells them.
    """

    def __init__(
        self, denoiser: Denoiser, guider: Guider, latent: Tensor, mask: Tensor | None = None, seed: int = 0
    ) -> None:
        self.denoiser, self.guider, self.mask, self.seed = denoiser, guider, mask, seed
        found = [resolved(conditioning, latent, denoiser.parametrization) for conditioning in guider.conditionings]
        # Each branch is matched against what the others were given, not against what matching added to them.
        matched = [with_matching_areas(entries, _others(found, own)) for own, entries in enumerate(found)]
        matched = [
            with_absences(with_shared_controls(entries, others), others)
            for entries, others in ((entries, _others(matched, own)) for own, entries in enumerate(matched))
        ]
        self.branches = [Branch(entries, [self._inputs(entry, latent) for entry in entries]) for entries in matched]
        self._sides = [0 if is_further(number, entries) else number for number, entries in enumerate(matched)]
        policy = denoiser.options.get(REUSE)
        self.reuse = None if policy is None else policy.begin(denoiser)
        self._questions = 0
        self._reports: dict[tuple[int, int], Mapping[str, Tensor]] = {}

    def _inputs(self, entry: Entry, latent: Tensor) -> dict[str, Tensor]:
        differing = math.lcm(entry.context.shape[0], rows(entry.options)) if self.mask is None else len(latent)
        made = [self._row(entry, latent, row) for row in range(min(differing, len(latent)))]
        places = torch.arange(latent.shape[0]) % len(made)
        return {name: torch.cat([row[name] for row in made])[places] for name in made[0]}

    def _row(self, entry: Entry, latent: Tensor, row: int) -> dict[str, Tensor]:
        """The inputs of one sample."""
        options = within(of_row(entry.options, row), entry.area, latent.shape[2:])
        text = entry.context[row % len(entry.context)][None]
        options[SEED] = self.seed
        if self.mask is None:
            return self.denoiser.inputs(options, text, _part(entry, latent))
        options["denoise_mask"] = _part(entry, self.mask)[row][None]
        return self.denoiser.inputs(options, text, _part(entry, latent)[row][None])

    def question(self, x: Tensor, sigma: float) -> Question:
        """The calls that an evaluation needs: one for each entry that counts at sigma."""
        calls: list[Call] = []
        for branch, wanted in enumerate(self.guider.wanted(self.denoiser)):
            if wanted:
                calls += self._calls(self.denoiser, x, sigma, branch, self._reports)
        self._questions += 1
        return Question(self, x, sigma, calls)

    def further(self, denoiser: Denoiser, x: Tensor, sigma: float, branch: int) -> Question:
        """The calls for one more prediction, by a network with the same inputs. Nothing is recalled for it."""
        return Question(self, x, sigma, self._calls(denoiser, x, sigma, branch, {}))

    def by_side(self, predictions: Sequence[Tensor | None]) -> list[Tensor | None]:
        """Predictions without those of further prompts on a side, see ``composition``: the first one stands for it."""
        numbered = enumerate(zip(self._sides, predictions, strict=True))
        return [one if side == number else None for number, (side, one) in numbered]

    def heard(self, question: Question) -> None:
        """Remembers what the passes of an answered question gave beside their outputs."""
        for call in question.calls:
            if call.reports:
                self._reports[call.branch, call.number] = call.reports

    def reports(self, branch: int) -> Mapping[str, Tensor]:
        """What the last pass of a branch's first entry gave beside its output; nothing if the entry has an area."""
        entries = self.branches[branch].entries
        return self._reports.get((branch, 0), {}) if entries and entries[0].area is None else {}

    def _calls(
        self,
        denoiser: Denoiser,
        x: Tensor,
        sigma: float,
        branch: int,
        known: Mapping[tuple[int, int], Mapping[str, Tensor]],
    ) -> list[Call]:
        """One call for each entry of a branch that counts at sigma; ``known`` may be recalled, by branch and entry."""
        calls: list[Call] = []
        found = self.branches[branch]
        for number, (entry, inputs) in enumerate(zip(found.entries, found.inputs, strict=True)):
            if not entry.active(sigma):
                continue
            region = x if entry.area is None else entry.area.of(x)
            reports = known.get((branch, number), {})
            steered = denoiser.for_entry(entry.options, sigma)
            answering = varied(steered, Moment(sigma, self._sides[branch], self._questions, frozenset(reports)))
            recalled = {name: reports[name] for name in answering.options.get(RECALLS, ()) if name in reports}
            calls.append(Call(answering, entry, number, branch, region, sigma, {**inputs, **recalled}))
        return calls


def _others(branches: Sequence[Sequence[Entry]], own: int) -> list[Entry]:
    """The entries of all branches but one."""
    return [entry for number, other in enumerate(branches) if number != own for entry in other]


def _part(entry: Entry, latent: Tensor) -> Tensor:
    """An entry's region of a latent."""
    return latent if entry.area is None else entry.area.of(latent)
