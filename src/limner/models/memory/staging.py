"""Blocks brought to an accelerator beside its computation: pinned buffers, a stream of their own, one block ahead.

While a block computes, the next one is copied: a thread fills a pinned buffer from the mapped file (or takes the
tensors as they are, if their homes are pinned), and a second stream copies it to the device. What keeps this right, by
PyTorch's notes on CUDA semantics (streams, ``non_blocking`` copies, ``Tensor.record_stream``):

* the computing stream waits for the event after the copies before it uses them;
* every arrived tensor is recorded on the computing stream, so its memory is not reused for the next block too early;
* a pinned buffer is written again only after the copies that read it are over;
* a block is fetched only after the computation with the block before the running one is over: the processor runs ahead
  of the device and would fill it with blocks.

Not tested on a device yet; ``tests/gpu`` has the tests.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor

from limner.models.memory.arrival import Arrival
from limner.models.memory.blocks import Block
from limner.models.memory.devices import module_of

BUFFERS = 2
ALIGNMENT = 64
"""Bytes; tensors start at multiples of it in a buffer, so that they can be seen in any type."""


class _Buffer:
    """Pinned memory that grows to the largest block, and the event after which it may be written again."""

    def __init__(self) -> None:
        self.bytes = torch.empty(0, dtype=torch.uint8)
        self.read: Any = None

    def views(self, homes: Sequence[Tensor]) -> list[Tensor]:
        """Places for tensors like these."""
        if self.read is not None:
            self.read.synchronize()
        offsets, end = [], 0
        for home in homes:
            offsets.append(end)
            end += -(-home.nbytes // ALIGNMENT) * ALIGNMENT
        if len(self.bytes) < end:
            self.bytes = torch.empty(end, dtype=torch.uint8, pin_memory=True)
        return [
            self.bytes[offset : offset + home.nbytes].view(home.dtype).view(home.shape)
            for offset, home in zip(offsets, homes, strict=True)
        ]


class StreamMover:
    """Copies one block ahead on a stream of its own; see the module.

    Args:
        arrival: Says where tensors come from and what becomes of them.
        device: CUDA, ROCm or XPU.
    """

    ahead = 1

    def __init__(self, arrival: Arrival, device: torch.device) -> None:
        self._arrival, self._device = arrival, device
        self._torch = module_of(device)
        self._stream = self._torch.Stream(device)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="limner-staging")
        self._buffers = deque(_Buffer() for _ in range(BUFFERS))
        self._coming: dict[Block, Future[tuple[list[Tensor], Any]]] = {}
        self._before: Any = None

    def expect(self, block: Block) -> None:
        """Starts the copies; what was expected before and did not come is forgotten."""
        if block not in self._coming:
            self._coming.clear()
            self._coming[block] = self._thread.submit(self._fetch, block, self._before)

    def take(self, block: Block) -> list[Tensor]:
        """See ``Mover``; the computing stream waits for the copies, the processor only until they are started."""
        self.expect(block)
        tensors, arrived = self._coming.pop(block).result()
        computing = self._torch.current_stream(self._device)
        computing.wait_event(arrived)
        for tensor in tensors:
            _record(tensor, computing)
        return tensors

    def done(self, block: Block) -> None:
        """Marks where the computation with the block ends."""
        self._before = self._torch.Event()
        self._before.record(self._torch.current_stream(self._device))

    def close(self) -> None:
        """Waits for copies that are under way and drops them."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._coming.clear()

    def _fetch(self, block: Block, before: Any) -> tuple[list[Tensor], Any]:
        """Starts the copies of a block; gives its tensors and the event after which they are there."""
        if before is not None:
            before.synchronize()
        homes = [self._arrival.home(slot.name) for slot in block.slots]
        loose = [(place, home) for place, home in enumerate(homes) if stageable(home)]
        buffer = self._buffers[0]
        self._buffers.rotate(1)
        for (place, home), view in zip(loose, buffer.views([home for _, home in loose]), strict=True):
            homes[place] = view.copy_(home)
        with self._torch.stream(self._stream):
            sent = [home.to(self._device, non_blocking=True) for home in homes]
            tensors = [self._arrival.made(slot.name, tensor) for slot, tensor in zip(block.slots, sent, strict=True)]
            arrived = self._torch.Event()
            arrived.record(self._stream)
        buffer.read = arrived
        return tensors, arrived


def stageable(home: Tensor) -> bool:
    """Whether a tensor goes through a buffer: plain, with memory of its own, not pinned yet."""
    return type(home) in (Tensor, torch.nn.Parameter) and home.device.type == "cpu" and not home.is_pinned()


def _record(tensor: Tensor, stream: Any) -> None:
    """Keeps the memory of a tensor, or of what it is packed in, from being reused before the stream is done with it."""
    flatten = getattr(tensor, "__tensor_flatten__", None)
    for part in [tensor] if flatten is None else [getattr(tensor, name) for name in flatten()[0]]:
        part.record_stream(stream)
