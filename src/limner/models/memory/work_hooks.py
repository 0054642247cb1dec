"""Asks for room before a network is evaluated and gives it back after, for whoever calls the network."""

import threading
from collections.abc import Callable, Hashable
from typing import Any

from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from limner.models.memory.ledger import ResidencyLedger
from limner.models.memory.working_memory import WorkEstimate

PARTS = ("encoder", "decoder")
"""Modules that are called without their network: an autoencoder's halves."""


GENEROUS = 1 << 20
"""Bytes for each value of the input that are enough for any network; where so much is free, nothing is foreseen."""


def watch_work(module: nn.Module, ledger: ResidencyLedger, key: Hashable, estimate: WorkEstimate) -> None:
    """Puts hooks on a network and on those of its parts that are called alone.

    Args:
        module: The network.
        ledger: Where it is resident,
        key: under this key.
        estimate: Says what an evaluation takes.
    """
    begun = threading.local()

    def before(part: str) -> Callable[..., None]:
        def ask(_: nn.Module, inputs: tuple[Any, ...], options: dict[str, Any]) -> None:
            sizes: list[int] = begun.__dict__.setdefault("sizes", [])
            size = 0
            if not sizes and not ledger.roomy(GENEROUS * _values(inputs, options)):
                size = estimate.bytes(part, inputs, options)
                if size:
                    ledger.begin_work(key, size)
            sizes.append(size)

        return ask

    def after(_: nn.Module, inputs: Any, output: Any) -> None:
        sizes: list[int] = begun.__dict__.get("sizes", [])
        size = sizes.pop() if sizes else 0
        if size:
            ledger.end_work(key, size)

    for part in ("", *(name for name in PARTS if isinstance(getattr(module, name, None), nn.Module))):
        watched = module.get_submodule(part)
        watched.register_forward_pre_hook(before(part), with_kwargs=True)
        watched.register_forward_hook(after, always_call=True)


def _values(inputs: tuple[Any, ...], options: dict[str, Any]) -> int:
    """How many values the first tensor has that a network is given."""
    return next((leaf.numel() for leaf in tree_leaves((inputs, options)) if isinstance(leaf, Tensor)), 0)
