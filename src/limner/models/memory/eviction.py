"""Which of the things that nobody uses should go, so that the least is lost.

What is lost by evicting a thing is the time to load it again, if it is wanted again; the longer nobody wanted it, the
less likely that is. So a thing's worth is its seconds of loading by its seconds of idleness, and those go first that
give most bytes for least worth. With equal read rates that is "used longest ago"; what was dear to make stays longer.
Source: the greedy rule for knapsacks by value density, with the last step that puts back what was not needed; a cost
per size as in Cao & Irani 1997, GreedyDual-Size.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

INSTANT = 1e-3
"""Seconds; what was used less long ago than this was used just now."""


@dataclass(frozen=True)
class Candidate:
    """A thing that could go.

    Attributes:
        key: Its key.
        bytes: What that gives.
        seconds: Time to load it again.
        idle: Seconds since it was used.
        parent: Key of a thing that cannot go before this one.
    """

    key: Hashable
    bytes: int
    seconds: float
    idle: float
    parent: Hashable | None = None

    @property
    def worth(self) -> float:
        """What keeping it saves, in seconds by second of idleness."""
        return max(self.seconds, INSTANT) / max(self.idle, INSTANT)

    @property
    def density(self) -> float:
        """Worth of a byte."""
        return self.worth / max(self.bytes, 1)


def choose_victims(
    candidates: Iterable[Candidate], need: int, spared: frozenset[Hashable] = frozenset()
) -> list[Candidate]:
    """Those that go, in the order in which they go; all that may go, if that is still too little.

    Args:
        candidates: What nobody uses.
        need: Bytes to free.
        spared: Keys of things that stay.
    """
    left = {candidate.key: candidate for candidate in candidates if candidate.key not in spared}
    chosen: list[Candidate] = []
    freed = 0
    while freed < need:
        parents = {candidate.parent for candidate in left.values()}
        free = [candidate for candidate in left.values() if candidate.key not in parents]
        if not free:
            break
        victim = min(free, key=lambda candidate: candidate.density)
        chosen.append(left.pop(victim.key))
        freed += victim.bytes
    return _without_needless(chosen, freed - need)


def _without_needless(chosen: list[Candidate], surplus: int) -> list[Candidate]:
    """The chosen without those whose bytes are not needed after all, the worthiest put back first."""
    kept = list(chosen)
    for candidate in sorted(chosen, key=lambda candidate: -candidate.worth):
        going = {other.key for other in kept}
        if candidate.bytes <= surplus and candidate.parent not in going:
            kept.remove(candidate)
            surplus -= candidate.bytes
    return kept
