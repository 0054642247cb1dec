"""Which steps of which schedule are taken. Pure."""

from dataclasses import dataclass

MOST_OF_NOISE = 0.999
"""A walk that begins with a picture never takes the noise for all there is."""


@dataclass(frozen=True)
class Steps:
    """The last steps of a schedule.

    Attributes:
        schedule: Steps of all of it.
        first: The first one that is taken.
    """

    schedule: int
    first: int = 0

    @property
    def taken(self) -> int:
        """How many are taken."""
        return self.schedule - self.first


def from_picture(steps: int, denoise: float, *, exactly: bool = False) -> Steps:
    """A walk that begins with a picture.

    Args:
        steps: Of the schedule.
        denoise: Share of the noise.
        exactly: As many steps are taken as were asked for; the schedule is longer.
    """
    share = min(denoise, MOST_OF_NOISE)
    if exactly and share > 0:
        whole = max(steps, int(steps / share))
        return Steps(whole, whole - steps)
    return Steps(steps, steps - int(share * steps) - 1)


def second_pass(steps: int, denoise: float) -> Steps:
    """All of ``steps`` are taken, as the end of a longer schedule."""
    return from_picture(steps, denoise, exactly=True)


def switch_step(steps: Steps, share: float | None) -> int | None:
    """The step of the schedule at which the refiner goes on; None: none does.

    Args:
        steps: Of the walk.
        share: Of the taken steps that come before; None or 1: all.
    """
    if share is None or share >= 1.0:
        return None
    return min(steps.first + max(0, int(steps.taken * share)), steps.schedule)
