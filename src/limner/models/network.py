"""A network that is loaded when it is leased, with the adapters that are on it.

An adapted network is a second module that shares every weight with the plain one, but for the weights that its adapters
change. So the plain weights are never written (detaching is exact, because there is nothing to undo), and two jobs with
different adapters may alternate at every step without loading anything.
"""

import copy
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import nn

from limner.models.adapter_targets import addressed, targets
from limner.models.adapters.adapter import Adapter, Change, Rewrite
from limner.models.load.blueprint import Blueprint, load_network
from limner.models.load.model_file import ModelFile
from limner.models.load.precision import Precision
from limner.models.memory.changes import changed
from limner.models.memory.devices import traits_of
from limner.models.memory.ledger import Claim, ResidencyLedger
from limner.models.memory.load_plan import Part
from limner.models.memory.offload import Offload
from limner.models.memory.placed_network import PlacedNetwork
from limner.models.memory.places import Places
from limner.models.memory.work_hooks import watch_work
from limner.models.memory.working_memory import WorkEstimate


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
    storage: str | None = None
    """What weights of full precision are packed into (``fp8_e4m3fn``, ``int8`` ...); None: they are not."""
    offload: Offload = field(default_factory=Offload)
    """How it may lie there in part."""
    contents: Hashable = None
    """Equal for files that hold the same; None: only the file's own identity is known."""

    @cached_property
    def elements(self) -> int:
        """Number of weights."""
        return self.blueprint.elements(self.file.layout)

    @property
    def plain_key(self) -> Hashable:
        """Equal for the same weights without adapters."""
        return self.contents or self.file.identity, self._tensors, self.dtype, self.storage

    @cached_property
    def _tensors(self) -> int:
        """Stands for which tensors of the file it is made of."""
        return hash(tuple((name, source.names) for name, source in self.blueprint.keys.items()))

    @property
    def key(self) -> Hashable:
        """Equal for the same weights with the same adapters."""
        return self.plain_key, tuple(attached.key for attached in self.attached)

    def with_adapter(self, adapter: Adapter, strength: float) -> "Network":
        """This network with one more adapter; itself where the adapter changes none of its weights."""
        found = addressed(self.blueprint, adapter, self.what)
        if not strength or not found:
            return self
        return replace(self, attached=(*self.attached, Attached(adapter, strength)))

    def with_changes(self, adapter: Adapter, strength: float) -> "Network":
        """This network with an adapter whose changes are named after the network's own weights."""
        return replace(self, attached=(*self.attached, Attached(adapter, strength)))

    @contextmanager
    def lease(self, why: str = "") -> Iterator[Any]:
        """The loaded network, kept on the device while the block runs.

        Raises:
            MemoryRefusal: if it does not fit the memory that it may use.
            ModelFileError: if the file does not hold it.
        """
        with ExitStack() as stack:
            yield self._leased(stack, why)

    def _leased(self, stack: ExitStack, why: str) -> nn.Module:
        """The network, until the stack closes. A network with adapters shares the plain one's weights if both fit."""
        if self.attached and self._beside_the_plain_one():
            plain: PlacedNetwork = stack.enter_context(self.ledger.lease(self._plain_claim, why))
            if plain.whole:
                return stack.enter_context(self.ledger.lease(self._adapted_claim(plain.module), why))
            stack.close()  # Others took the room meanwhile.
        claim = self._changed_claim if self.attached else self._plain_claim
        return stack.enter_context(stack.enter_context(self.ledger.lease(claim, why)).used())

    def _beside_the_plain_one(self) -> bool:
        """Whether the plain network and what adapters change of it are there, or would fit, together and whole."""
        if self.offload.share not in (None, 1) or self.ledger.holds(self._changed_claim.key):
            return False
        return self.ledger.holds(self.key) or self.ledger.could_hold(self._plain_claim, self._places.changed_bytes)

    @cached_property
    def _places(self) -> Places:
        precision = Precision(self.dtype, self.storage)
        changes = self.changes
        return Places(
            self.blueprint, self.file, precision, self.device, changes, self.rounding, streams=self.offload.streams
        )

    @cached_property
    def _plain_claim(self) -> Claim:
        places = replace(self._places, changes={})
        return self._claim(self.plain_key, self.what, places, lambda: places.whole(self._loaded()))

    @cached_property
    def _changed_claim(self) -> Claim:
        """All of the network with its adapters, on its own; its blocks are changed when they are brought in."""
        places = self._places
        return self._claim((self.key, "alone"), self._adapted_name, places, lambda: places.in_part(None))

    def _claim(self, key: Hashable, what: str, places: Places, load: Callable[[], PlacedNetwork]) -> Claim:
        return Claim(
            key=key,
            what=what,
            bytes=places.bytes,
            mapped=places.mapped,
            load=lambda: self._watched(key, load()),
            part=self._part(key, places),
            work=traits_of(self.device).spare,
        )

    def _part(self, key: Hashable, places: Places) -> Part | None:
        share = self.offload.share
        if share is None:
            return None
        return Part(
            least=lambda: places.least,
            load=lambda allowed: self._watched(key, places.in_part(allowed)),
            most=None if share == 1 else lambda: places.least + int(share * (places.own - places.least)),
        )

    def _adapted_claim(self, plain: nn.Module) -> Claim:
        touched = self.changes
        return Claim(
            key=self.key,
            what=self._adapted_name,
            bytes=self._places.changed_bytes,
            load=lambda: adapted(plain, touched, self.rounding),
            parent=self.plain_key,
        )

    @property
    def _adapted_name(self) -> str:
        return f"{self.what} with {', '.join(attached.adapter.name for attached in self.attached)}"

    def _loaded(self) -> nn.Module:
        return load_network(self.blueprint, self.file, self.dtype, self.device, self.storage)

    def _watched(self, key: Hashable, placed: PlacedNetwork) -> PlacedNetwork:
        """The network, asking for working memory before it is evaluated."""
        estimate = WorkEstimate(self.blueprint.build, self.dtype)
        watch_work(placed.module, self.ledger, key, estimate)
        return placed

    @cached_property
    def changes(self) -> dict[str, list[tuple[Change | Rewrite, float]]]:
        """Changes by weight, in the order of attachment."""
        touched: dict[str, list[tuple[Change | Rewrite, float]]] = {}
        for attached in self.attached:
            for weight, change in targets(self.blueprint, attached.adapter):
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
