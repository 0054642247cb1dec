"""A Brownian path that is fixed by its seed alone: any interval may be asked for, in any order, and refined.

The path is a dyadic tree: an interval's increment is split at its middle by a Brownian bridge whose noise is seeded by
the node's place in the tree. Splittable seeds come from NumPy's SeedSequence, normal numbers from torch.
Source: Kidger et al. 2021, "Efficient and accurate gradients for neural SDEs", section 4 (Brownian interval); seeds,
rounding and bridge follow the conventions of the torchsde package, so that paths are equal number for number.
"""

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

DIGITS = 6
"""Times are rounded to this many decimals; the tree ends where halves become equal."""
POOL = 24
"""Words in the entropy pool of every seed sequence."""
KEPT = 45
"""How many increments are kept for the next question."""


class Node:
    """An interval of the path, with the seed of the bridge between its halves once it has been split."""

    __slots__ = ("depth", "end", "halves", "middle", "parent", "place", "seed", "start")

    def __init__(self, start: float, end: float, parent: "Node | None" = None, place: int = 0) -> None:
        self.start, self.end = start, end
        self.parent, self.place, self.depth = parent, place, parent.depth + 1 if parent else 0
        self.middle = round(0.5 * (end + start), DIGITS)
        self.seed = 0
        self.halves: tuple[Node, Node] | None = None

    def split(self, entropy: int) -> "tuple[Node, Node]":
        """The two halves, made when first asked."""
        if self.halves is None:
            sequence = np.random.SeedSequence(entropy=entropy, spawn_key=(self.place, self.depth), pool_size=POOL)
            self.seed = int(sequence.generate_state(4)[0])
            left = Node(self.start, self.middle, self, 2 * self.place)
            self.halves = left, Node(self.middle, self.end, self, 2 * self.place + 1)
        return self.halves

    def cover(self, low: float, high: float, entropy: int) -> "Iterator[Node]":
        """The largest nodes that together are exactly [low, high], in order; splits as deep as that needs."""
        if low == self.start and high == self.end:
            yield self
            return
        left, right = self.split(entropy)
        if low < self.middle:
            yield from left.cover(low, min(high, self.middle), entropy)
        if high > self.middle:
            yield from right.cover(max(low, self.middle), high, entropy)


class BrownianTree:
    """A Brownian path over [low, high].

    Args:
        shape: Of an increment.
        dtype: Of an increment.
        device: Where its numbers are drawn; paths of different devices differ.
        low: Where the path begins.
        high: Where it ends.
        entropy: The seed that fixes it.
    """

    def __init__(
        self, shape: Sequence[int], dtype: torch.dtype, device: torch.device, low: float, high: float, *, entropy: int
    ) -> None:
        self.shape, self.dtype, self.device, self.entropy = tuple(shape), dtype, device, entropy
        self.root = Node(round(low, DIGITS), round(high, DIGITS))
        sequence = np.random.SeedSequence(entropy=entropy, pool_size=POOL)
        # The scale uses the exact ends, the nodes the rounded ones.
        self.total = self._gaussian(int(sequence.generate_state(3)[0])) * math.sqrt(high - low)
        self.recent: OrderedDict[Node, Tensor] = OrderedDict()

    def increment(self, low: float, high: float) -> Tensor:
        """What the path gains from low to high, both within its ends; variance high - low."""
        low = max(round(low, DIGITS), self.root.start)
        high = min(round(high, DIGITS), self.root.end)
        if low >= high:
            return torch.zeros(self.shape, dtype=self.dtype, device=self.device)
        gains = [self._gain(node) for node in self.root.cover(low, high, self.entropy)]
        total = gains[0]
        for gain in gains[1:]:
            total = total + gain
        return total

    def _gain(self, node: Node) -> Tensor:
        parent = node.parent
        if parent is None:
            return self.total
        if node in self.recent:
            self.recent.move_to_end(node)
            return self.recent[node]
        gain, reciprocal = self._gain(parent), 1 / (parent.end - parent.start)
        before, after = parent.middle - parent.start, parent.end - parent.middle
        mean = before * gain * reciprocal
        left = mean + math.sqrt(before * after * reciprocal) * self._gaussian(parent.seed)
        halves = parent.split(self.entropy)
        result = left if node is halves[0] else gain - left
        self.recent[node] = result
        if len(self.recent) > KEPT:
            self.recent.popitem(last=False)
        return result

    def _gaussian(self, seed: int) -> Tensor:
        source = torch.Generator(self.device).manual_seed(seed)
        return torch.randn(self.shape, dtype=self.dtype, device=self.device, generator=source)
