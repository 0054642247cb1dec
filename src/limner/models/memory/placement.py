"""Where the parts of models compute, in which types, and how much they may hold: what a person chose, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import torch

from limner.models.memory.devices import DeviceTraits, traits_of
from limner.models.memory.offload import Offload

CPU = torch.device("cpu")


class PartKind(StrEnum):
    """Which part of a model a network is."""

    NETWORK = "network"
    TEXT = "text"
    VAE = "vae"


@dataclass(frozen=True)
class PartPlace:
    """What is decided for one network.

    Attributes:
        device: Where it computes.
        dtype: What it computes in.
        storage: What its weights are packed into; None: nothing.
        offload: How it may lie there in part.
    """

    device: torch.device
    dtype: torch.dtype
    storage: str | None = None
    offload: Offload = field(default_factory=Offload)


@dataclass(frozen=True)
class Placement:
    """What holds for all models.

    Attributes:
        device: Where everything computes that is not said to compute elsewhere.
        on_cpu: Parts that compute on the CPU.
        dtypes: Types that were chosen, by part; a part without one gets what suits its device.
        storages: What weights are packed into, by part.
        budgets: Bytes that networks may hold, by kind of device (``cpu``, ``cuda`` ...); without one: a share of it.
        reserve: Bytes of the device that others need; they are taken off a budget that nobody chose.
        offload: How networks may lie on an accelerator in part.
        keep: Networks stay when nobody uses them, as long as there is room.
    """

    device: torch.device = CPU
    on_cpu: frozenset[PartKind] = frozenset()
    dtypes: Mapping[PartKind, torch.dtype] = field(default_factory=dict)
    storages: Mapping[PartKind, str] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)
    reserve: int = 0
    offload: Offload = field(default_factory=Offload)
    keep: bool = True

    def of(
        self,
        part: PartKind = PartKind.NETWORK,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        storage: str | None = None,
    ) -> PartPlace:
        """What is decided for a part of a model.

        Args:
            part: Which.
            device: What a loader's own input says; None or ``default``: nothing.
            dtype: The same for the type that it computes in,
            storage: and for what its weights are packed into.
        """
        chosen = self._device(part, device)
        if dtype is None:
            dtype = self.dtypes.get(part) or _usual(traits_of(chosen), part)
        # On a CPU blocks are converted, not fetched: only want of memory is a reason for that.
        offload = Offload() if chosen.type == "cpu" else self.offload
        return PartPlace(chosen, dtype, storage or self.storages.get(part), offload)

    def _device(self, part: PartKind, device: torch.device | str | None) -> torch.device:
        if device is None or device == "default":
            return CPU if part in self.on_cpu else self.device
        return torch.device(device)


def placement_on(device: torch.device | str, dtype: torch.dtype | None, capacity: int | None) -> Placement:
    """A placement where all parts compute in one place and, if it is not None, in one type."""
    where = torch.device(device)
    dtypes = {} if dtype is None else dict.fromkeys(PartKind, dtype)
    return Placement(where, dtypes=dtypes, budgets={} if capacity is None else {where.type: capacity})


def _usual(traits: DeviceTraits, part: PartKind) -> torch.dtype:
    return {PartKind.NETWORK: traits.network, PartKind.TEXT: traits.text, PartKind.VAE: traits.vae}[part]
