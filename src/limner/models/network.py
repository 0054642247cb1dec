"""A network that is loaded when it is leased, with the adapters that are on it.

An adapted network is a second module that shares every weight with the plain one, but for the weights that its adapters
change. So the plain weights are never written (detaching is exact, because there is nothing to undo), and two jobs with
different adapters may alternate at every step without loading anything.
"""

import copy
import logging
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.adapters.adapter import Adapter, Change, Rewrite
from limner.models.ledger import Claim, ResidencyLedger
from limner.models.load.blueprint import Blueprint, load_network
from limner.models.load.model_file import ModelFile

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attached:
    """An adapter at a strength."""

    adapter: Adapter
    strength: float

    @property
    def key(self) -> Hashable:
        """Equal keys change a network equally."""
        return self.adapter.key, self.strength


@dataclass(frozen=True)
class Network:
    """A network in a file, not necessarily loaded.

    Attributes:
        what: Its name, for people.
        file: Where its weights are.
        blueprint: How to build it.
        dtype: What it computes in.
        device: Where.
        ledger: Keeps the account of that device.
        attached: Adapters, in the order in which they were put on.
    """

    what: str
    file: ModelFile
    blueprint: Blueprint
    dtype: torch.dtype
    device: torch.device
    ledger: ResidencyLedger
    attached: tuple[Attached, ...] = ()
    rounding: torch.dtype | None = None
    """What changed weights are rounded to. ComfyUI keeps a text encoder's weights in the type of its file, so its
    changed weights are rounded to that; without this the same seed would give a slightly different picture."""

    @cached_property
    def elements(self) -> int:
        """Number of weights."""
        return self.blueprint.elements(self.file.layout)

    @property
    def plain_key(self) -> Hashable:
        """Equal for the same weights without adapters."""
        return self.file.identity, next(iter(self.blueprint.keys.values())).names, self.dtype

    @property
    def key(self) -> Hashable:
        """Equal for the same weights with the same adapters."""
        return self.plain_key, tuple(attached.key for attached in self.attached)

    def with_adapter(self, adapter: Adapter, strength: float) -> "Network":
        """This network with one more adapter; itself where the adapter changes none of its weights."""
        meant = [module for module in adapter.changes if module.startswith(self.blueprint.addressed)]
        unknown = [module for module in meant if module not in self.blueprint.aliases]
        if unknown:
            shown = ", ".join(unknown[:3])
            logger.warning(
                "%s: %d of %d layers meant for %s are not in it: %s",
                adapter.name,
                len(unknown),
                len(meant),
                self.what,
                shown,
            )
        if not strength or len(unknown) == len(meant):
            return self
        return replace(self, attached=(*self.attached, Attached(adapter, strength)))

    def with_changes(self, adapter: Adapter, strength: float) -> "Network":
        """This network with an adapter whose changes are named after the network's own weights."""
        return replace(self, attached=(*self.attached, Attached(adapter, strength)))

    @contextmanager
    def lease(self, why: str = "") -> Iterator[Any]:
        """The loaded network, kept on the device while the block runs.

        Raises:
            ModelFileError: if the file does not hold it.
        """
        with self.ledger.lease(self._plain_claim, why) as plain:
            if not self.attached:
                yield plain
                return
            with self.ledger.lease(self._adapted_claim(plain), why) as adapted:
                yield adapted

    @cached_property
    def _plain_claim(self) -> Claim:
        return Claim(
            key=self.plain_key,
            what=self.what,
            bytes=self.elements * self.dtype.itemsize,
            load=lambda: load_network(self.blueprint, self.file, self.dtype, self.device),
        )

    def _adapted_claim(self, plain: nn.Module) -> Claim:
        touched = self.changes
        weights = dict(plain.named_parameters())
        return Claim(
            key=self.key,
            what=f"{self.what} with {', '.join(attached.adapter.name for attached in self.attached)}",
            bytes=sum(weights[name].nbytes for name in touched),
            load=lambda: adapted(plain, touched, self.rounding),
            parent=self.plain_key,
        )

    @cached_property
    def changes(self) -> dict[str, list[tuple[Change | Rewrite, float]]]:
        """Changes by weight, in the order of attachment."""
        touched: dict[str, list[tuple[Change | Rewrite, float]]] = {}
        for attached in self.attached:
            for module, change in attached.adapter.changes.items():
                weight = module if module in self.blueprint.keys else self.blueprint.aliases.get(module)
                if weight is not None:
                    touched.setdefault(weight, []).append((change, attached.strength))
        return touched


def adapted(
    plain: nn.Module, touched: dict[str, list[tuple[Change | Rewrite, float]]], rounding: torch.dtype | None = None
) -> nn.Module:
    """A module that shares all weights with ``plain`` but those that are changed.

    Args:
        plain: Stays as it is.
        touched: Changes by weight name.
        rounding: What changed weights are rounded to; None: not at all.

    Raises:
        NumericsError: if a change does not fit its weight.
    """
    shared = {id(tensor): tensor for tensor in (*plain.parameters(), *plain.buffers())}
    twin: nn.Module = copy.deepcopy(plain, shared)
    for name, changes in touched.items():
        place, _, last = name.rpartition(".")
        owner = twin.get_submodule(place)
        weight = changed(getattr(owner, last), changes, rounding)
        setattr(owner, last, nn.Parameter(weight, requires_grad=False))
    return twin


def changed(
    weight: Tensor, changes: list[tuple[Change | Rewrite, float]], rounding: torch.dtype | None = None
) -> Tensor:
    """A weight plus its changes, summed in float32. Shapes: returns like weight."""
    total = weight.detach().float()
    for change, strength in changes:
        if isinstance(change, Rewrite):
            total = change.rewritten(total, strength)
            continue
        total = total + change.amount(tuple(weight.shape)).to(total.device) * strength
    return total.to(rounding or weight.dtype).to(weight.dtype)
