"""Context windows: a network sees a long video, or a large picture, piece by piece, and its answers are joined.

Every evaluation goes over windows that overlap along one side of the latent; where several windows say something, the
weighted mean counts. So a network makes more than it was trained for, and memory is needed for one window only.

Source: Bar-Tal et al. 2023, "MultiDiffusion: fusing diffusion paths for controlled image generation", equation 4;
windows that move from step to step are known from AnimateDiff's long videos.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.family import Pass
from limner.models.patches.patch import patches_of, with_patch
from limner.sampling.variants import Moment

STATIC, UNIFORM, LOOPED, BATCHED = "standard_static", "standard_uniform", "looped_uniform", "batched"
SCHEDULES = (STATIC, UNIFORM, LOOPED, BATCHED)

PYRAMID, RELATIVE, FLAT, LINEAR = "pyramid", "relative", "flat", "overlap-linear"
FUSIONS = (PYRAMID, RELATIVE, FLAT, LINEAR)

SAMPLES, CHANNELS = 0, 1
"""Sides of a latent that are none of a picture."""

LEAST = 0.01
"""Weight at the very edge of a window, relative to its middle, where it falls with the distance from it."""

Window = tuple[int, ...]
"""Elements along the side."""


@dataclass(frozen=True)
class ContextWindows:
    """Patches any network: see the module.

    Attributes:
        length: Elements of a window.
        overlap: Elements that neighbours share.
        schedule: How windows lie: ``standard_static`` always in the same places, the last one ending where the latent
            does; ``batched`` one behind the other without overlap; ``standard_uniform`` moved at each step, so that
            their edges are elsewhere; ``looped_uniform`` moved around the end.
        stride: Of the schedules that move: so many kinds of windows, whose elements are 1, 2, 4 ... apart.
        closed: Of those that loop: whether windows bridge end and beginning.
        fusion: Weights inside a window: ``flat`` the same everywhere, ``pyramid`` falling from the middle by whole
            steps, ``relative`` falling with the distance from it almost to 0, ``overlap-linear`` falling only where
            windows overlap.
        dimension: Side of the latent [b c h w] or [b c t h w]; 0 where a batch is one video.
        step: How many evaluations went before.
    """

    length: int
    overlap: int
    schedule: str = STATIC
    stride: int = 1
    closed: bool = False
    fusion: str = PYRAMID
    dimension: int = 2
    step: int = 0

    def windows(self, total: int) -> list[Window]:
        """Windows that together reach every element of a side."""
        if total <= self.length:
            return [tuple(range(total))]
        if self.schedule in (STATIC, BATCHED):
            starts = self._fixed(total)
            return [tuple(range(start, min(total, start + self.length))) for start in starts]
        moving = self._looped if self.schedule == LOOPED else self._moved
        strides = [1 << power for power in range(self.stride)]
        return [window for stride in strides for window in moving(total, stride)]

    def _fixed(self, total: int) -> list[int]:
        if self.schedule == BATCHED:
            return list(range(0, total, self.length))
        last = total - self.length
        return [*range(0, last, self.length - self.overlap), last]

    def _moved(self, total: int, stride: int) -> Iterator[Window]:
        """Windows between the ends, moved by a part of their distance."""
        last = total - (self.length - 1) * stride - 1
        if last < 0:
            return
        hop = self.length * stride - self.overlap
        moved = range(-round(hop * spread(self.step)), last, hop)
        for start in dict.fromkeys([0, *(max(0, start) for start in moved), last]):
            yield tuple(range(start, start + self.length * stride, stride))

    def _looped(self, total: int, stride: int) -> Iterator[Window]:
        """Windows around the end, moved by a part of the whole."""
        if self.length * stride > total:
            return
        shift = round(total * spread(self.step))
        for start in range(
            shift, shift + total - (0 if self.closed else self.overlap), self.length * stride - self.overlap
        ):
            yield tuple((start + number * stride) % total for number in range(self.length))

    def weights(self, window: Window, total: int) -> Tensor:
        """How much each element of a window counts. Shapes: returns [n]."""
        count = len(window)
        number = torch.arange(count, dtype=torch.float32)
        if self.fusion == PYRAMID:
            return torch.minimum(number + 1, count - number)
        if self.fusion == RELATIVE:
            middle = (count - 1) / 2
            return (1 - (number - middle).abs() / (count / 2)).clamp(min=LEAST)
        found = torch.ones(count)
        if self.fusion == LINEAR and self.overlap:
            rise = (number + 1) / (self.overlap + 1)
            # Nothing lies beyond the ends of the latent that could take over there.
            found = torch.minimum(found, rise) if window[0] != 0 else found
            found = torch.minimum(found, rise.flip(0)) if window[-1] != total - 1 else found
        return found

    def checked(self) -> "ContextWindows":
        """These windows.

        Raises:
            NumericsError: if they cannot follow each other, or cut what cannot be cut.
        """
        if self.overlap >= self.length:
            raise NumericsError(
                f"Windows of {self.length} elements cannot overlap by {self.overlap}: choose a context_overlap below "
                "the context_length."
            )
        if self.dimension == CHANNELS:
            raise NumericsError("Channels of a latent cannot be cut into windows: choose 2 for a video's time.")
        return self


def spread(number: int) -> float:
    """Numbers in 0..1 of which any first few lie far apart: the binary digits of a number behind the point.

    Source: van der Corput 1935.
    """
    found, share = 0.0, 0.5
    while number:
        found, number, share = found + share * (number & 1), number >> 1, share / 2
    return found


@dataclass(frozen=True)
class MovingWindows:
    """A variation of a model: windows that lie elsewhere at each evaluation."""

    windows: ContextWindows

    def __call__(self, denoiser: Any, moment: Moment) -> Any:
        """The model with the windows of the moment."""
        return with_patch(denoiser, replace(self.windows, step=moment.number))


def in_windows(run: Callable[[Pass], Tensor], call: Pass, *, together: bool) -> Tensor:
    """What a network says of a pass, in the windows among its options if there are any.

    Inputs of the size of the latent are cut like it; all others belong to every window.

    Args:
        run: One pass through the network; may be called several times.
        call: The pass.
        together: Whether a batch is one video; where it is not, there is nothing to gain from windows along it.
    """
    found = next((patch for patch in patches_of(call.options) if isinstance(patch, ContextWindows)), None)
    if found is None or (found.dimension == SAMPLES and not together):
        return run(call)
    if found.dimension >= call.x.ndim:
        raise NumericsError(
            f"A latent {list(call.x.shape)} has no dimension {found.dimension} to be cut into windows along: choose "
            "2 for a video's time."
        )
    total = call.x.shape[found.dimension]
    windows = found.windows(total)
    if len(windows) == 1:
        return run(call)
    result, sum_of_weights = torch.zeros_like(call.x, dtype=torch.float32), torch.zeros(total, device=call.x.device)
    for window in windows:
        places = torch.tensor(window, device=call.x.device)
        weights = found.weights(window, total).to(call.x.device)
        said = run(_part(call, found.dimension, places)).float()
        result.index_add_(found.dimension, places, said * _along(weights, found.dimension, said.ndim))
        sum_of_weights.index_add_(0, places, weights)
    return result / _along(sum_of_weights, found.dimension, result.ndim)


def _part(call: Pass, dimension: int, places: Tensor) -> Pass:
    """The pass of a window."""

    def cut(value: Tensor) -> Tensor:
        alike = value.ndim == call.x.ndim and value.shape[2:] == call.x.shape[2:]
        return value.index_select(dimension, places) if dimension == SAMPLES or alike else value

    inputs = {name: cut(value) for name, value in call.inputs.items()}
    timestep = cut(call.timestep) if dimension == SAMPLES else call.timestep
    return replace(call, x=call.x.index_select(dimension, places), timestep=timestep, inputs=inputs)


def _along(values: Tensor, dimension: int, count: int) -> Tensor:
    """Values of a side, shaped to go with a tensor of so many dimensions."""
    return values.reshape([-1 if place == dimension else 1 for place in range(count)])
