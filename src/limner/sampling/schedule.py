"""What a schedule is: a function from a parametrization and a number of steps to falling sigmas."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization

SigmaFunction = Callable[[Parametrization, int], Tensor]


@dataclass(frozen=True)
class Schedule:
    """A named schedule.

    Attributes:
        name: Its name.
        function: Gives the sigmas.
        rank: Its place in lists for people; ties are broken by name.
        doc: What it is, for people.
        source: The module that defines it.
    """

    name: str
    function: SigmaFunction
    rank: int
    doc: str
    source: str

    def __call__(self, parametrization: Parametrization, steps: int) -> Tensor:
        """Sigmas, float32, falling to 0; most have steps + 1 of them, some say otherwise."""
        return self.function(parametrization, steps).float()


def schedule(name: str, *, rank: int) -> Callable[[SigmaFunction], Schedule]:
    """Marks a function as a schedule.

    Args:
        name: The schedule's name.
        rank: Its place in lists for people; ties are broken by name.
    """

    def mark(function: SigmaFunction) -> Schedule:
        return Schedule(name, function, rank, (function.__doc__ or "").strip(), function.__module__)

    return mark


def ended(sigmas: Tensor) -> Tensor:
    """Sigmas with the final 0 that a complete walk has."""
    return torch.cat([sigmas, sigmas.new_zeros(1)])
