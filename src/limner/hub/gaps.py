"""Which bytes of a file have arrived, and which one is to be fetched next. Pure bookkeeping."""

import heapq
from collections.abc import Iterable

Range = tuple[int, int]
"""The first byte and the one after the last."""


class Gaps:
    """The bytes of one file. They are handed out from the front, so that the whole beginning is there soon.

    Args:
        size: Bytes of the file.
        done: Ranges that have arrived already.
        block: Largest range that is handed out at once.
    """

    def __init__(self, size: int, done: Iterable[Range] = (), *, block: int) -> None:
        self.size, self._block = size, block
        self._done: list[Range] = _merged(range_ for range_ in done if 0 <= range_[0] < range_[1] <= size)
        self._open: list[Range] = _between(self._done, size)

    @property
    def done(self) -> tuple[Range, ...]:
        """What has arrived, in order."""
        return tuple(self._done)

    @property
    def arrived(self) -> int:
        """How many bytes have arrived."""
        return sum(end - begin for begin, end in self._done)

    @property
    def front(self) -> int:
        """How many bytes have arrived without a gap from the beginning."""
        return self._done[0][1] if self._done and self._done[0][0] == 0 else 0

    @property
    def is_whole(self) -> bool:
        """Whether everything is there."""
        return self.front == self.size

    def take(self) -> Range | None:
        """The first range that is missing and that nobody fetches; None if there is none."""
        if not self._open:
            return None
        begin, end = heapq.heappop(self._open)
        if end - begin > self._block:
            heapq.heappush(self._open, (begin + self._block, end))
            end = begin + self._block
        return begin, end

    def add(self, begin: int, end: int) -> None:
        """Notes that a range which was taken has arrived."""
        if begin < end:
            self._done = _merged([*self._done, (begin, end)])

    def give_back(self, begin: int, end: int) -> None:
        """Takes back what was handed out and has not arrived."""
        if begin < end:
            heapq.heappush(self._open, (begin, end))


def _merged(ranges: Iterable[Range]) -> list[Range]:
    """Ranges in order, with those that touch or overlap made one."""
    merged: list[Range] = []
    for begin, end in sorted(ranges):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _between(done: list[Range], size: int) -> list[Range]:
    """What lies between ranges in order, up to the size."""
    edges = [0, *(edge for range_ in done for edge in range_), size]
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin < end]
