"""Layers that a control network borrows from the network that it steers, each with a small change of its own.

Nothing of the lender is copied: a borrowed layer calls the lender's, so adapters that are on it count, packed weights
stay packed, and blocks that come and go are brought in as for the lender's own pass.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

DOWN, UP, BIAS = "down", "up", "bias"
"""What a layer may have of its own: the factors of a change of its weight, and another bias."""


class Lender(threading.local):
    """The network that lends its layers, for each thread its own."""

    network: Any = None

    @contextmanager
    def being(self, network: Any) -> Iterator[None]:
        """Lets a network lend its layers to this thread while the block runs."""
        before, self.network = self.network, network
        try:
            yield
        finally:
            self.network = before


class BorrowedLayer(nn.Module):
    """The lender's layer of a name: weight + up @ down in place of its weight, and another bias in place of its own.

    Args:
        lender: Who lends it.
        name: Its name there.
        own: Shapes of what it has of its own, by ``DOWN``, ``UP``, ``BIAS``; what is not named is the lender's.
    """

    def __init__(self, lender: Lender, name: str, own: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self.lender, self.name = lender, name
        self.down, self.up, self.bias = (_empty(own.get(part)) for part in (DOWN, UP, BIAS))

    def forward(self, x: Tensor) -> Tensor:
        """Like the lender's layer."""
        layer: Any = self.lender.network.get_submodule(self.name)
        result: Tensor = layer(x)
        if self.down is not None and self.up is not None:
            result = result + change(layer, x, self.down, self.up.flatten(1))
        if self.bias is not None:
            bias = self.bias if layer.bias is None else self.bias - layer.bias
            result = result + (bias.reshape(-1, 1, 1) if isinstance(layer, nn.Conv2d) else bias)
        return result


def change(layer: Any, x: Tensor, down: Tensor, up: Tensor) -> Tensor:
    """What up @ down adds to a layer's result. Shapes: down [r i ...], up [o r]."""
    if not isinstance(layer, nn.Conv2d):
        return functional.linear(functional.linear(x, down.flatten(1)), up)
    kernel = down.reshape(down.shape[0], -1, *layer.kernel_size)
    narrow = functional.conv2d(x, kernel, stride=layer.stride, padding=layer.padding)
    return functional.conv2d(narrow, up[..., None, None])


def _empty(shape: tuple[int, ...] | None) -> nn.Parameter | None:
    return None if shape is None else nn.Parameter(torch.empty(shape), requires_grad=False)
