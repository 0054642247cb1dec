"""From conditioning as nodes pass it, ``[[tensor, options], ...]``, to entries that know where and when they count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.sampling.parametrization import EVERY_SIGMA, Parametrization

Conditioning = Sequence[Sequence[Any]]
"""A list of [text tensor [n t d], options]."""


@runtime_checkable
class Rowed(Protocol):
    """An option that differs by the samples of a batch."""

    @property
    def rows(self) -> int:
        """How many samples differ; the others begin anew."""
        ...

    def row(self, number: int) -> Any:
        """What one sample takes."""
        ...


def rows(options: Mapping[str, Any]) -> int:
    """How many samples of a batch differ by options."""
    return max((value.rows for value in options.values() if isinstance(value, Rowed)), default=1)


def of_row(options: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Options as one sample of a batch takes them."""
    return {name: value.row(number) if isinstance(value, Rowed) else value for name, value in options.items()}


PICTURES = ("concat_latent_image", "concat_mask")
"""Options that lie over the latent, whatever their size: an entry with an area has its part of them."""

FADE = 8
"""Latent elements over which an area without a mask fades at edges that are not the border."""
SMALLEST_BOUNDS = 8
"""Least side, in latent elements, of an area that is cut to a mask's bounds."""
ALL_FRAMES = 1 << 30
"""More elements in time than any video has."""


@dataclass(frozen=True)
class Area:
    """A rectangle of a latent, in latent elements; of a video perhaps only for some of its time.

    Attributes:
        height: Elements,
        width: likewise,
        top: where it begins,
        left: likewise.
        frames: Elements in time; None: it lasts as long as the latent.
        start: When it begins.
    """

    height: int
    width: int
    top: int
    left: int
    frames: int | None = None
    start: int = 0

    def of(self, tensor: Tensor) -> Tensor:
        """The part of a tensor [... h w], or [... t h w] where it has a time; a view."""
        part = self.plane(tensor)
        return part if self.frames is None else part[..., self.start : self.start + self.frames, :, :]

    def plane(self, tensor: Tensor) -> Tensor:
        """The rectangle of a tensor [... h w] at every time; a view."""
        return tensor[..., self.top : self.top + self.height, self.left : self.left + self.width]

    def covers(self, other: "Area") -> bool:
        """Whether the other lies inside."""
        return (
            self.top <= other.top
            and self.left <= other.left
            and self.top + self.height >= other.top + other.height
            and self.left + self.width >= other.left + other.width
            and self._lasts(other)
        )

    def _lasts(self, other: "Area") -> bool:
        """Whether it is there as long as the other."""
        if self.frames is None or other.frames is None:
            return self.frames is None
        return self.start <= other.start and self.start + self.frames >= other.start + other.frames

    @property
    def size(self) -> int:
        """Elements, for areas of one latent to be compared by."""
        return self.height * self.width * (ALL_FRAMES if self.frames is None else self.frames)


@dataclass(frozen=True)
class Entry:
    """One conditioning entry, resolved for a latent's size.

    Attributes:
        context: Text [n t d]; sample i of a batch takes row i modulo n.
        options: Everything else that came with it.
        area: Where it counts; None everywhere.
        strength: Its weight against other entries.
        mask: Weight per latent element [m h w] of the whole latent, or None.
        highest: The largest sigma at which it counts.
        lowest: The smallest sigma at which it counts.
        default: Whether it counts where others do not.
    """

    context: Tensor
    options: Mapping[str, Any]
    area: Area | None = None
    strength: float = 1.0
    mask: Tensor | None = None
    highest: float = EVERY_SIGMA
    lowest: float = 0.0
    default: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether it weighs the same everywhere, so that alone it is its own mean."""
        return self.area is None and self.mask is None and self.strength > 0

    def active(self, sigma: float) -> bool:
        """Whether the entry counts at a sigma."""
        return self.lowest <= sigma <= self.highest

    def weight(self, x: Tensor) -> Tensor:
        """Weight of every element of the entry's area.

        Shapes: x [b c h w] or [b c t h w]; returns what expands to the area's part of x.
        """
        region = x if self.area is None else self.area.of(x)
        if self.mask is not None:
            mask = (self.mask if self.area is None else self.area.plane(self.mask)).to(x)
            mask = mask.reshape(-1, *(1,) * (x.ndim - 3), *mask.shape[-2:])
            return mask[torch.arange(x.shape[0]) % mask.shape[0]] * self.strength
        weight = torch.full((1, 1, *region.shape[2:]), self.strength, dtype=x.dtype, device=x.device)
        return weight if self.area is None else faded(weight, self.area, x.shape[2:])


def faded(weight: Tensor, area: Area, size: Sequence[int]) -> Tensor:
    """A weight that rises from the area's inner edges, so that areas blend.

    Shapes: weight [... h w] or [... t h w]; size is the latent's (h, w) or (t, h, w).
    """
    spans = [(-2, area.top, area.height, size[-2]), (-1, area.left, area.width, size[-1])]
    if area.frames is not None:
        spans.append((-3, area.start, area.frames, size[-3]))
    for axis, start, length, whole in spans:
        fade = min(FADE, length // 4)
        ramp = weight.new_ones(length)
        rise = torch.arange(1, fade + 1, device=weight.device) / max(fade, 1)
        if start > 0:
            ramp[:fade] *= rise
        if start + length < whole:
            ramp[length - fade :] *= rise.flip(0)
        weight = weight * ramp.reshape(-1, *(1,) * (-axis - 1))
    return weight


def resized_mask(mask: Tensor, size: Sequence[int]) -> Tensor:
    """A mask [m h w] or [h w] at a latent's size (h, w), bilinear; returns [m h w]."""
    mask = mask[None] if mask.ndim == 2 else mask.reshape(-1, *mask.shape[-2:])
    if tuple(mask.shape[-2:]) == tuple(size):
        return mask
    return torch.nn.functional.interpolate(mask[:, None], size=tuple(size), mode="bilinear", align_corners=False)[:, 0]


def mask_for(mask: Tensor, latent: Tensor) -> Tensor:
    """A mask at a latent's size, trilinear in videos, of which the masks without a time of their own are the frames.

    Shapes: mask [m h w] or [m 1 h w], for a video also [m 1 t h w]; latent [b c h w] or [b c t h w]; returns like
    latent, where the samples of a batch take the masks in turn.
    """
    if latent.ndim == 5:
        moving = mask if mask.ndim == 5 else mask.reshape(1, 1, -1, *mask.shape[-2:])
        found = moving[:, :1]
        if found.shape[2:] != latent.shape[2:]:
            found = torch.nn.functional.interpolate(found, size=tuple(latent.shape[2:]), mode="trilinear")
    else:
        found = resized_mask(mask, latent.shape[-2:]).reshape(-1, *(1,) * (latent.ndim - 3), *latent.shape[-2:])
    return found[torch.arange(len(latent)) % len(found)].to(latent).expand_as(latent)


def bounds(mask: Tensor) -> Area:
    """The smallest area, but for a least side, outside which a mask [m h w] is zero."""
    flat = mask.abs().amax(dim=0) != 0
    rows, columns = flat.any(dim=1).nonzero(), flat.any(dim=0).nonzero()
    if len(rows) == 0:
        return Area(SMALLEST_BOUNDS, SMALLEST_BOUNDS, 0, 0)
    top, left = int(rows[0]), int(columns[0])
    height, width = int(rows[-1]) - top + 1, int(columns[-1]) - left + 1
    return Area(max(SMALLEST_BOUNDS, height), max(SMALLEST_BOUNDS, width), top, left)


def area_of(options: Mapping[str, Any], mask: Tensor | None, size: Sequence[int]) -> Area | None:
    """The area that options ask for, inside a latent of size (h, w) or (t, h, w)."""
    asked = options.get("area")
    if asked is not None and asked[0] == "percentage":
        area = _shared_out(asked[1:], size)
    elif asked is not None:
        area = Area(*(int(value) for value in asked))
    elif mask is not None and options.get("set_area_to_bounds"):
        area = bounds(mask)
    else:
        return None
    top, left = min(area.top, size[-2] - 1), min(area.left, size[-1] - 1)
    height, width = min(area.height, size[-2] - top), min(area.width, size[-1] - left)
    if area.frames is None:
        return Area(height, width, top, left)
    start = min(area.start, size[-3] - 1)
    return Area(height, width, top, left, min(area.frames, size[-3] - start), start)


def _shared_out(shares: Sequence[float], size: Sequence[int]) -> Area:
    """An area from shares of a latent: its sides, then where it begins; in videos perhaps time before height."""
    half = len(shares) // 2
    lengths, starts = shares[:half], shares[half:]
    height, width = (max(1, round(lengths[axis] * size[axis])) for axis in (-2, -1))
    top, left = (round(starts[axis] * size[axis]) for axis in (-2, -1))
    if min(half, len(size)) < len(("time", "height", "width")):
        return Area(height, width, top, left)
    return Area(height, width, top, left, max(1, round(lengths[-3] * size[-3])), round(starts[-3] * size[-3]))


def within(options: Mapping[str, Any], area: Area | None, size: Sequence[int]) -> dict[str, Any]:
    """Options as they are seen from an area of a latent of size (h, w) or (t, h, w)."""
    if area is None:
        return dict(options)
    cut = {name: _cut(options[name], area, size) for name in PICTURES if isinstance(options.get(name), Tensor)}
    return {**options, **cut}


def _cut(picture: Tensor, area: Area, size: Sequence[int]) -> Tensor:
    """The part of a picture over a latent that an area shows; a view."""
    spans = [(-2, area.top, area.height), (-1, area.left, area.width)]
    if area.frames is not None and picture.ndim > len(("samples", "channels", "height", "width")):
        spans.append((-3, area.start, area.frames))
    for axis, start, length in spans:
        factor = picture.shape[axis] / size[axis]
        first = min(round(start * factor), picture.shape[axis] - 1)
        last = min(max(first + 1, round((start + length) * factor)), picture.shape[axis])
        picture = picture.narrow(axis, first, last - first)
    return picture


def resolved(conditioning: Conditioning, latent: Tensor, parametrization: Parametrization) -> list[Entry]:
    """Conditioning as entries for a latent.

    Args:
        conditioning: As nodes pass it. Options read: ``area`` (h, w, top, left in latent elements, or "percentage"
            and four shares, or six with those of time before those of height), ``strength``, ``mask`` with
            ``mask_strength`` and ``set_area_to_bounds``, ``start_percent``, ``end_percent``, ``highest_sigma``,
            ``lowest_sigma``, ``default``.
        latent: The walk's latent [b c h w] or [b c t h w], for size and device.
        parametrization: Turns percents into sigmas.

    Raises:
        NumericsError: if an entry is not a pair of a tensor [n t d] and options.
    """
    return [_entry(pair, latent, parametrization) for pair in conditioning]


def _entry(pair: Sequence[Any], latent: Tensor, parametrization: Parametrization) -> Entry:
    context, options = pair[0], pair[1]
    if not isinstance(context, Tensor):
        raise NumericsError(f"A conditioning entry should hold a tensor [n t d], but holds {type(context).__name__}.")
    size = latent.shape[2:]
    mask = options.get("mask")
    if mask is not None:
        mask = resized_mask(mask.float(), size[-2:]).to(latent.device) * options.get("mask_strength", 1.0)
    lowest, highest = _range(options, parametrization)
    return Entry(
        context=context.to(latent.device),
        options=options,
        area=area_of(options, mask, size),
        strength=float(options.get("strength", 1.0)),
        mask=mask,
        highest=highest,
        lowest=lowest,
        default=bool(options.get(DEFAULT)),
    )


HIGHEST, LOWEST = "highest_sigma", "lowest_sigma"
"""Options: the noise levels from which on, and down to which, an entry counts."""


def _range(options: Mapping[str, Any], parametrization: Parametrization) -> tuple[float, float]:
    """The lowest and the highest sigma: where both the shares of the walk and the levels among options allow it."""
    start, end = options.get("start_percent"), options.get("end_percent")
    highest = EVERY_SIGMA if start is None else parametrization.percent_to_sigma(start)
    lowest = 0.0 if end is None else parametrization.percent_to_sigma(end)
    return max(lowest, options.get(LOWEST, lowest)), min(highest, options.get(HIGHEST, highest))


DEFAULT = "default"
"""Option: the entry counts where others do not."""

CONTROL, FOR_OTHERS = "control", "control_apply_to_uncond"
"""Options: what steers the network, and whether it steers the other predictions as well."""


def with_shared_controls(entries: Sequence[Entry], others: Sequence[Entry]) -> list[Entry]:
    """Entries, those without a control with the one that another prediction's first entry shares."""
    shared = next((other.options[CONTROL] for other in others if _shares(other.options)), None)
    if shared is None:
        return list(entries)
    return [
        entry if CONTROL in entry.options else replace(entry, options={**entry.options, CONTROL: shared})
        for entry in entries
    ]


def _shares(options: Mapping[str, Any]) -> bool:
    return CONTROL in options and bool(options.get(FOR_OTHERS))


def with_matching_areas(entries: Sequence[Entry], others: Sequence[Entry]) -> list[Entry]:
    """Entries, and for every area of the others that has no counterpart, the tightest covering entry cut to it.

    So that guidance compares predictions which the network made of the same cut-out.
    """
    result = list(entries)
    for area in (other.area for other in others if other.area is not None):
        candidates = [entry for entry in result if entry.area is None or entry.area.covers(area)]
        if not candidates or any(entry.area == area for entry in candidates):
            continue
        tightest = min(candidates, key=lambda entry: entry.area.size if entry.area else 1 << 60)
        result.append(replace(tightest, area=area))
    return result
