"""Token merging: elements that are alike look and are looked at as one, and get the same answer.

Source: Bolya and Hoffman 2023, "Token merging for fast Stable Diffusion"; the matching is that of Bolya et al. 2022,
"Token merging: your ViT but faster", section 3. The element that others may be merged into is the first of each square
of four, not a random one, so that a picture depends on its inputs alone.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from limner.models.patches.patch import Hooks

SQUARE = 2
"""Side of the squares of which one element stays."""

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Merge:
    """Which elements are merged into which. Shapes: kept [n k], merged [n r], into [n r], indices of elements or stays.

    Attributes:
        length: Elements before.
        stays: Indices of the elements that others may be merged into [s].
        kept: Indices of further elements that stay alone.
        merged: Indices of those that are merged,
        into: and the places among ``stays`` of what each is merged into.
    """

    length: int
    stays: Tensor
    kept: Tensor
    merged: Tensor
    into: Tensor

    def apply(self, rows: Tensor) -> Tensor:
        """Fewer rows: those kept, then the means of those merged. Shapes: [n t d] to [n t-r d]."""
        width = rows.shape[-1]
        alone = rows.gather(1, _wide(self.kept, width))
        given = rows.gather(1, _wide(self.merged, width))
        targets = rows[:, self.stays]
        means = targets.scatter_reduce(1, _wide(self.into, width), given, reduce="mean", include_self=True)
        return torch.cat([alone, means], dim=1)

    def undo(self, rows: Tensor) -> Tensor:
        """As many rows as before; merged ones are equal. Shapes: [n t-r d] to [n t d]."""
        alone, means = rows[:, : self.kept.shape[1]], rows[:, self.kept.shape[1] :]
        width = rows.shape[-1]
        result = rows.new_empty(rows.shape[0], self.length, width)
        result[:, self.stays] = means
        result = result.scatter(1, _wide(self.kept, width), alone)
        return result.scatter(1, _wide(self.merged, width), means.gather(1, _wide(self.into, width)))


@dataclass(frozen=True)
class TokenMerging:
    """How much is merged: a share of all elements, at the largest level only."""

    share: float

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""
        merges: dict[int, Merge] = {}

        def merge(query: Tensor, key: Tensor, value: Tensor, told: Told) -> tuple[Tensor, Tensor, Tensor]:
            place = told["transformer_index"]
            merges.pop(place, None)
            height, width = told["activations_shape"][-2:]
            largest = height * width == math.prod(told["original_shape"][-2:])
            count = int(height * width * self.share)
            if not largest or count == 0 or query.shape[1] != height * width or min(height, width) < SQUARE:
                return query, key, value
            merges[place] = found = matching(query, height, width, count)
            return found.apply(query), found.apply(key), found.apply(value)

        def undo(mixed: Tensor, told: Told) -> Tensor:
            found = merges.get(told["transformer_index"])
            return mixed if found is None else found.undo(mixed)

        hooks.add("attn1_patch", merge)
        hooks.add("attn1_output_patch", undo)


def matching(rows: Tensor, height: int, width: int, count: int) -> Merge:
    """The merges of a picture's elements that lose least: each of the most alike into its likest neighbour.

    Args:
        rows: Elements [n t d], row by row.
        height: Elements down,
        width: and across.
        count: How many are to vanish; at most all but one of each square.
    """
    numbers = torch.arange(height * width, device=rows.device).reshape(height, width)
    stays_here = torch.zeros_like(numbers, dtype=torch.bool)
    stays_here[::SQUARE, ::SQUARE] = True
    stays, others = numbers[stays_here], numbers[~stays_here]
    normed = functional.normalize(rows.float(), dim=-1)
    likeness, likest = (normed[:, others] @ normed[:, stays].transpose(1, 2)).max(dim=-1)
    order = likeness.argsort(dim=-1, descending=True, stable=True)
    count = min(count, len(others))
    merged, kept = order[:, :count], order[:, count:].sort(dim=-1).values
    return Merge(height * width, stays, others[kept], others[merged], likest.gather(1, merged))


def _wide(index: Tensor, width: int) -> Tensor:
    """Indices of rows as ``gather`` wants them. Shapes: [n r] to [n r d]."""
    return index[..., None].expand(-1, -1, width)
