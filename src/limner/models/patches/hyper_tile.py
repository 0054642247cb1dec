"""HyperTile: a picture's elements look at each other within tiles only, where there are many of them.

Which of several tile sizes is used changes from one transformer to the next, so that tiles' borders do not lie on each
other; nothing is drawn at random, so a picture depends on its inputs alone.

Source: the HyperTile method of T. Fernandes (2023); attention within windows after Liu et al. 2021, "Swin Transformer".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from limner.models.patches.patch import Hooks

PIXELS = 8
"""Per latent element."""
LEAST = 32
"""Pixels of the smallest tile."""

Told = Mapping[str, Any]


@dataclass(frozen=True)
class HyperTile:
    """Where and how large tiles are.

    Attributes:
        side: Least side of a tile in pixels.
        choices: How many sizes take turns.
        deepest: Levels of the UNet at which it holds, 0 the largest.
        scaled: Whether a tile keeps its number of elements at deeper levels, so that it covers more of the picture.
    """

    side: int
    choices: int
    deepest: int
    scaled: bool

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""
        divided: dict[int, tuple[int, int, int, int]] = {}

        def divide(query: Tensor, key: Tensor, value: Tensor, told: Told) -> tuple[Tensor, Tensor, Tensor]:
            place = told["transformer_index"]
            divided.pop(place, None)
            height, width = told["activations_shape"][-2:]
            rows, columns = self.tiles(height, width, told["original_shape"], place)
            if rows * columns == 1 or query.shape[1] != height * width:
                return query, key, value
            divided[place] = rows, columns, height // rows, width // columns
            query, key, value = (cut(part, *divided[place]) for part in (query, key, value))
            return query, key, value

        def join(mixed: Tensor, told: Told) -> Tensor:
            sizes = divided.get(told["transformer_index"])
            return mixed if sizes is None else joined(mixed, *sizes)

        hooks.add("attn1_patch", divide)
        hooks.add("attn1_output_patch", join)

    def tiles(self, height: int, width: int, original: list[int], place: int) -> tuple[int, int]:
        """How many tiles stand below and beside each other, in a level of so many elements."""
        depth = round(math.log2(max(1.0, (original[-2] * original[-1] / (height * width)) ** 0.5)))
        if depth > self.deepest:
            return 1, 1
        least = max(LEAST, self.side) // PIXELS
        least = least if self.scaled else max(1, least >> depth)
        return divisor(height, least, self.choices, place), divisor(width, least, self.choices, place)


def divisor(side: int, least: int, choices: int, place: int) -> int:
    """Into how many parts of at least so many elements a side is divided evenly; the place says by which choice."""
    parts = [side // part for part in range(min(least, side), side + 1) if side % part == 0][:choices]
    return parts[place % len(parts)]


def cut(rows: Tensor, down: int, across: int, height: int, width: int) -> Tensor:
    """Elements of tiles as samples of their own. Shapes: [n t d] to [n*tiles t/tiles d]."""
    samples, _, channels = rows.shape
    grid = rows.reshape(samples, down, height, across, width, channels)
    return grid.permute(0, 1, 3, 2, 4, 5).reshape(samples * down * across, height * width, channels)


def joined(rows: Tensor, down: int, across: int, height: int, width: int) -> Tensor:
    """Tiles as one picture again. Shapes: [n*tiles t/tiles d] to [n t d]."""
    channels = rows.shape[-1]
    grid = rows.reshape(-1, down, across, height, width, channels)
    return grid.permute(0, 1, 3, 2, 4, 5).reshape(-1, down * height * across * width, channels)
