"""A network where it computes: whole, or with blocks that come just before they run and go after.

Hooks do it: before a block, or any module inside one, runs for the first time, the block's tensors are brought in and
those of the block before it go home. So calling a part of the network directly, as some node packs do, works too. A
network that is not whole is used by one thread at a time, from its first block until the thread's lease ends.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from limner.models.memory.arrival import Arrival
from limner.models.memory.blocks import Block, Division, Slot
from limner.models.memory.ledger import Resizable
from limner.models.memory.movers import DirectMover, Mover
from limner.models.memory.staging import StreamMover


class PlacedNetwork(Resizable):
    """A network on a device. Blocks that are not resident have their tensors at home.

    Args:
        module: With all its tensors on the device, or, if ``settle`` follows, with any.
        division: Its core and its blocks.
        open_homes: Asked once, when the first block goes home.
        sizes: Bytes that each tensor takes on the device; 0 for one that can be used where it is at home.
        ahead: How many blocks are on their way beside the one that runs: 1 on a stream of their own, or 0.

    Attributes:
        module: The network.
    """

    def __init__(
        self,
        module: nn.Module,
        division: Division,
        open_homes: Callable[[], Arrival],
        sizes: Mapping[str, int],
        ahead: int,
    ) -> None:
        self.module = module
        self._division, self._open_homes = division, open_homes
        self._sizes = {block: _size(block.slots, sizes) for block in division.blocks}
        self._core = _size(division.core, sizes)
        self._ahead = ahead
        self._resident = frozenset(division.blocks)
        self._arrival: Arrival | None = None
        self._mover: Mover | None = None
        self._lock = threading.RLock()
        self._threads = threading.local()
        self._user: int | None = None
        self._level = 0
        self._current: Block | None = None
        self._last: Block | None = None
        self._following: dict[Block, Block] = {}

    @property
    def bytes(self) -> int:
        """Memory that it holds: the core, resident blocks, and room for those that come and go."""
        resident = self._resident
        away = [size for block, size in self._sizes.items() if block not in resident]
        return self._core + sum(self._sizes[block] for block in resident) + least_bytes(0, away, self._ahead)

    @property
    def least(self) -> int:
        """The core and room for blocks that come and go."""
        return least_bytes(self._core, self._sizes.values(), self._ahead)

    @property
    def whole(self) -> bool:
        """Whether every block is resident."""
        return len(self._resident) == len(self._sizes)

    @property
    def placement(self) -> str:
        """See ``Resizable``."""
        if not self.whole:
            return f"{len(self._resident)} of {len(self._sizes)} blocks resident"
        return "whole" if self._core or any(self._sizes.values()) else "whole, in the mapped file"

    def settle(self, allowed: int) -> None:
        """Brings in the core and as many blocks as fit; the others stay at home. For a network that is empty yet."""
        arrival = self._homes()
        for slot in self._division.core:
            slot.put(arrival(slot.name))
        self._resident = first_that_fit(self._sizes, allowed - self._core, self._ahead)
        for block in self._sizes:
            if block in self._resident:
                _put(block, [arrival(slot.name) for slot in block.slots])
            else:
                self._send_home(block)

    def shrink(self, need: int) -> None:
        """See ``Resizable``: the last blocks go home, until so many bytes are free or none is left."""
        with self._lock:
            wanted = self.bytes - need
            for block in reversed(self._division.blocks):
                if self.bytes <= wanted:
                    return
                if block in self._resident and self._sizes[block]:
                    self._resident -= {block}
                    self._send_home(block)

    @contextmanager
    def used(self) -> Iterator[nn.Module]:
        """The network for this thread. What the thread brought in goes home when the block ends in which it began."""
        me = threading.get_ident()
        level = self._threads.level = getattr(self._threads, "level", 0) + 1
        try:
            yield self.module
        finally:
            self._threads.level -= 1
            if self._user == me and self._level == level:
                self._last = self._current
                self._drop()
                self._user = None
                self._lock.release()

    def close(self) -> None:
        """See ``Resizable``."""
        if self._mover is not None:
            self._mover.close()

    def _homes(self) -> Arrival:
        if self._arrival is None:
            self._arrival = self._open_homes()
        return self._arrival

    def _moving(self) -> Mover:
        if self._mover is None:
            arrival = self._homes()
            self._mover = StreamMover(arrival, arrival.device) if self._ahead else DirectMover(arrival)
        return self._mover

    def _send_home(self, block: Block) -> None:
        """Puts a block's tensors home and has them brought when they are wanted."""
        arrival = self._homes()
        _put(block, [arrival.home(slot.name) for slot in block.slots])

        def come(module: nn.Module, inputs: Any) -> None:
            self._enter(block)

        entrances = {id(owner): owner for owner in (block.module, *(slot.owner for slot in block.slots))}
        for owner in entrances.values():
            owner.register_forward_pre_hook(come)

    def _enter(self, block: Block) -> None:
        """A module of the block is about to run in this thread."""
        me, level = threading.get_ident(), getattr(self._threads, "level", 0)
        if self._user != me and level:  # outside of any lease nobody would end the use
            self._lock.acquire()
            self._user, self._level = me, level
        if block is not self._current:
            self._bring(block)

    def _bring(self, block: Block) -> None:
        """Exchanges what was brought in last for this block."""
        before = self._current or self._last
        self._drop()
        mover = self._moving()
        _put(block, mover.take(block))
        self._current = block
        if before is not None:
            self._following[before] = block
        following = self._following.get(block) or self._next(block)
        if following is not block:
            mover.expect(following)

    def _next(self, block: Block) -> Block:
        """What is registered after it among the blocks that come and go; what runs after it is seen soon."""
        away = [other for other in self._division.blocks if other not in self._resident]
        return away[(away.index(block) + 1) % len(away)]

    def _drop(self) -> None:
        """What was brought in last goes home."""
        block, self._current = self._current, None
        if block is not None:
            arrival = self._homes()
            _put(block, [arrival.home(slot.name) for slot in block.slots])
            self._moving().done(block)


def least_bytes(core: int, blocks: Iterable[int], ahead: int) -> int:
    """Fewest bytes with which a network works: its core, and the largest blocks that are there at the same time."""
    return core + sum(sorted(blocks)[-1 - ahead :])


def first_that_fit(sizes: Mapping[Block, int], allowed: int, ahead: int) -> frozenset[Block]:
    """The blocks that stay: the first ones, as long as room for the others to come and go is left."""
    staying: set[Block] = set()
    held = 0
    for block, size in sizes.items():
        rest = [other for key, other in sizes.items() if key is not block and key not in staying]
        if held + size + least_bytes(0, rest, ahead) <= allowed:
            staying.add(block)
            held += size
    return frozenset(staying)


def _size(slots: Iterable[Slot], sizes: Mapping[str, int]) -> int:
    return sum(sizes[slot.name] for slot in slots)


def _put(block: Block, tensors: Iterable[torch.Tensor]) -> None:
    for slot, tensor in zip(block.slots, tensors, strict=True):
        slot.put(tensor)
