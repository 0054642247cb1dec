"""Conditionings as they stand inside node packs' sampling: dicts that hold their text, and network inputs beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import torch
from torch import Tensor


class CONDRegular:
    """One network input of a conditioning."""

    def __init__(self, cond: Any) -> None:
        self.cond = cond

    def _copy_with(self, cond: Any) -> Any:
        return type(self)(cond)

    def process_cond(self, batch_size: int, device: Any = None, **_: Any) -> Any:
        """The input for a batch: repeated, or cut."""
        return self._copy_with(repeated(self.cond, batch_size).to(device))

    def can_concat(self, other: Any) -> bool:
        """Whether both can stand in one batch."""
        return self.cond.shape == other.cond.shape

    def concat(self, others: Sequence[Any]) -> Tensor:
        """All of them as one batch."""
        return torch.cat([self.cond, *(other.cond for other in others)])

    def size(self) -> list[int]:
        """Its shape."""
        return list(self.cond.size())


class CONDNoiseShape(CONDRegular):
    """An input like the latent, of which an area gets its part."""

    def process_cond(self, batch_size: int, device: Any = None, area: Any = None, **_: Any) -> Any:
        """The input for a batch and an area (h, w, top, left)."""
        data = self.cond
        if area is not None:
            sides = len(area) // 2
            for axis in range(sides):
                data = data.narrow(axis + 2, area[sides + axis], area[axis])
        return self._copy_with(repeated(data, batch_size).to(device))


class CONDCrossAttn(CONDRegular):
    """Text. Texts of different lengths are repeated to a common one."""

    def can_concat(self, other: Any) -> bool:
        """Whether a common length is near."""
        mine, others = self.cond.shape, other.cond.shape
        if mine == others:
            return True
        if mine[0] != others[0] or mine[2] != others[2]:
            return False
        return math.lcm(mine[1], others[1]) // min(mine[1], others[1]) <= 4

    def concat(self, others: Sequence[Any]) -> Tensor:
        """All of them as one batch of the least common length."""
        texts = [self.cond, *(other.cond for other in others)]
        length = math.lcm(*(text.shape[1] for text in texts))
        return torch.cat([text.repeat(1, length // text.shape[1], 1) for text in texts])


class CONDConstant(CONDRegular):
    """A value that is the same for the whole batch."""

    def process_cond(self, batch_size: int, device: Any = None, **_: Any) -> Any:
        """Itself."""
        return self._copy_with(self.cond)

    def can_concat(self, other: Any) -> bool:
        """Whether the values are equal."""
        return self.cond == other.cond

    def concat(self, others: Sequence[Any]) -> Any:
        """The value."""
        return self.cond

    def size(self) -> list[int]:
        """Of nothing that counts."""
        return [1]


class CONDList(CONDRegular):
    """Several inputs of one name."""

    def process_cond(self, batch_size: int, device: Any = None, **_: Any) -> Any:
        """Each for the batch."""
        return self._copy_with([repeated(item, batch_size).to(device) for item in self.cond])

    def can_concat(self, other: Any) -> bool:
        """Whether they fit one by one."""
        return len(self.cond) == len(other.cond) and all(
            mine.shape == theirs.shape for mine, theirs in zip(self.cond, other.cond, strict=True)
        )

    def concat(self, others: Sequence[Any]) -> Any:
        """Joined one by one."""
        return [torch.cat([item, *(other.cond[n] for other in others)]) for n, item in enumerate(self.cond)]

    def size(self) -> list[int]:
        """Elements."""
        return [1, 1, sum(math.prod(item.shape) for item in self.cond)]


def repeated(tensor: Tensor, batch_size: int, dim: int = 0) -> Tensor:
    """A tensor with so many rows: repeated, or cut."""
    length = tensor.shape[dim]
    if length > batch_size:
        return tensor.narrow(dim, 0, batch_size)
    if length == batch_size:
        return tensor
    times = [1] * tensor.ndim
    times[dim] = -(-batch_size // length)
    return tensor.repeat(*times).narrow(dim, 0, batch_size)


def as_dicts(conditioning: Sequence[Any] | None) -> list[dict[str, Any]] | None:
    """Entries as dicts: the text under ``cross_attn``, network inputs under ``model_conds``."""
    if conditioning is None:
        return None
    return [_as_dict(entry) for entry in conditioning]


def _as_dict(entry: Any) -> dict[str, Any]:
    if isinstance(entry, dict):
        return {**entry, "model_conds": dict(entry.get("model_conds", {}))}
    text, options = entry[0], dict(entry[1])
    inputs = dict(options.get("model_conds", {}))
    if text is not None:
        options["cross_attn"] = text
        inputs.setdefault("c_crossattn", CONDCrossAttn(text))
    return {**options, "model_conds": inputs, "uuid": options.get("uuid") or uuid4()}


def readied(
    conditioning: Sequence[Any] | None, side: str, model: Any, shown: Mapping[str, Any]
) -> list[dict[str, Any]] | None:
    """Entries as dicts that say on which side they stand, with the inputs that the model adds; controls are told.

    Args:
        conditioning: Pairs or dicts.
        side: ``positive``, ``negative`` or another name.
        model: A BaseModel.
        shown: What the model may look at: ``noise``, ``latent_image`` ...
    """
    ready = as_dicts(conditioning)
    for entry in ready or ():
        entry.setdefault("prompt_type", side)
        entry["model_conds"] = {**model.extra_conds(**{**entry, **shown}), **entry["model_conds"]}
        control = entry.get("control")
        if control is not None:
            control.pre_run(model, model.model_sampling.percent_to_sigma)
    return ready


def as_pairs(conds: Sequence[Any] | None) -> list[list[Any]]:
    """Entries as our sampling takes them: [text, options]."""
    return [_as_pair(entry) for entry in conds or ()]


def _as_pair(entry: Any) -> list[Any]:
    if not isinstance(entry, Mapping):
        return [entry[0], dict(entry[1])]
    inputs = entry.get("model_conds", {})
    text = inputs["c_crossattn"].cond if "c_crossattn" in inputs else entry.get("cross_attn")
    options = {name: value for name, value in entry.items() if name not in ("cross_attn", "uuid")}
    return [text, options]


def counts(entry: Any, sigma: float) -> bool:
    """Whether an entry counts at a sigma, as far as a pack has resolved that itself."""
    if not isinstance(entry, Mapping):
        return True
    start, end = entry.get("timestep_start"), entry.get("timestep_end")
    return (start is None or sigma <= float(start)) and (end is None or sigma >= float(end))
