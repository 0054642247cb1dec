"""The accounts of all devices that networks are on; each is opened when its device is used first."""

import threading
from functools import partial
from typing import Any

import torch

from limner.models.memory.devices import device_memory, give_back, traits_of
from limner.models.memory.ledger import ResidencyLedger
from limner.models.memory.placement import Placement


class Ledgers:
    """One ledger a device. Safe to use from several threads.

    Args:
        placement: Whose budgets hold.
    """

    def __init__(self, placement: Placement) -> None:
        self._placement = placement
        self._lock = threading.Lock()
        self._open: dict[torch.device, ResidencyLedger] = {}
        self.main = self.of(placement.device)

    def of(self, device: torch.device) -> ResidencyLedger:
        """The ledger of a device."""
        with self._lock:
            ledger = self._open.get(device)
            if ledger is None:
                capacity = capacity_of(self._placement, device)
                ledger = ResidencyLedger(str(device), capacity, partial(give_back, device), keep=self._placement.keep)
                self._open[device] = ledger
            return ledger

    def release(self) -> int:
        """Unloads everything that is not in use. Returns bytes given back."""
        return sum(ledger.release() for ledger in self._all())

    def status(self) -> dict[str, Any]:
        """What is loaded and why: the devices, and the entries of all of them together."""
        devices = [ledger.status() for ledger in self._all()]
        entries = [entry | {"device": device["device"]} for device in devices for entry in device.pop("entries")]
        for device in devices:
            memory = device_memory(torch.device(device["device"]))
            tested = traits_of(torch.device(device["device"])).tested
            device |= {"total": memory.total, "free": memory.free, "tested": tested}
        return {"bytes": sum(device["bytes"] for device in devices), "devices": devices, "entries": entries}

    def _all(self) -> list[ResidencyLedger]:
        with self._lock:
            return list(self._open.values())


def capacity_of(placement: Placement, device: torch.device) -> int:
    """Bytes that networks may hold on a device: what was chosen, or its usual share less what others need."""
    chosen = placement.budgets.get(device.type)
    if chosen is not None:
        return chosen
    reserve = placement.reserve if device == placement.device else 0
    return max(0, int(device_memory(device).total * traits_of(device).share) - reserve)
