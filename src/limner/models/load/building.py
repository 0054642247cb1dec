"""Networks built without the memory of their weights."""

import importlib
import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

LARGE = 1 << 14
"""Numbers; an empty tensor of more is a weight that the file will give."""

LIBRARIES = ("diffusers", "diffusers.models", "transformers")
"""Packages that put another module in their place while they are imported. A thread that waits for such an import gets
the module from before, which lacks every name; so the first import is made by one thread alone."""

_FIRST_IMPORT = threading.Lock()


class _Weightless(TorchFunctionMode):
    """Large empty tensors get no memory; what is computed (rotation tables, positions) does."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = dict(kwargs or {})
        if func is torch.empty and torch.Size(_sides(args, options)).numel() > LARGE:
            options["device"] = "meta"
        return func(*args, **options)


def _sides(args: Any, options: Any) -> Any:
    sides = args if args else (options.get("size", ()),)
    return sides[0] if sides and not isinstance(sides[0], int) else sides


def built(build: Callable[[], nn.Module]) -> nn.Module:
    """A network whose weights have no memory and wait for a file's tensors.

    Buffers that are no part of what is saved, because the network computes them itself, are there.
    """
    with _FIRST_IMPORT:
        for library in LIBRARIES:
            importlib.import_module(library)
    with torch.device("meta"):
        network = build()
    saved = network.state_dict().keys()
    lost = [name for name, buffer in network.named_buffers() if buffer.is_meta and name not in saved]
    if lost:
        with _Weightless():
            twin = build()
        for name in lost:
            place, _, last = name.rpartition(".")
            network.get_submodule(place).register_buffer(last, twin.get_buffer(name), persistent=False)
    return network.requires_grad_(requires_grad=False).eval()
