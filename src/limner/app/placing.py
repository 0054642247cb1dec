"""What settings say of memory, devices and precision, as the Placement that models follow. Imports the tensor half."""

import torch

from limner.app.settings import Settings
from limner.app.sizes import read_size
from limner.graph.errors import SettingsError
from limner.models.memory.devices import best_device, device_memory
from limner.models.memory.offload import Offload
from limner.models.memory.placement import CPU, PartKind, Placement

SHARES = {"auto": 1.0, "whole": None, "low": 0.5, "none": 0.0}
"""How much of a network stays on an accelerator, by setting."""


def placement_of(settings: Settings) -> Placement:
    """The placement that settings ask for.

    Raises:
        SettingsError: if the device cannot be used.
    """
    device = chosen_device(settings)
    on_cpu = {PartKind.VAE: settings.cpu_vae, PartKind.TEXT: settings.cpu_text}
    return Placement(
        device=device,
        on_cpu=frozenset(part for part, chosen in on_cpu.items() if chosen),
        dtypes=_dtypes(settings),
        storages=_storages(settings),
        budgets=_budgets(settings, device),
        reserve=int(settings.vram_reserve * (1 << 30)),
        offload=Offload(SHARES[settings.residency], settings.stream_blocks),
        keep=settings.keep_models,
    )


def chosen_device(settings: Settings) -> torch.device:
    """Where networks compute.

    Raises:
        SettingsError: if that cannot be used.
    """
    name = best_device() if settings.device == "auto" else settings.device
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingsError(f"There is no device {name!r}. Expected cpu, cuda, cuda:1, xpu, mps or auto.") from error
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(
            f"Device {name!r} cannot be used ({error}). `limner doctor` lists what there is."
        ) from error
    return device


def _dtypes(settings: Settings) -> dict[PartKind, torch.dtype]:
    own = {
        PartKind.NETWORK: settings.network_dtype,
        PartKind.TEXT: settings.text_dtype,
        PartKind.VAE: settings.vae_dtype,
    }
    names = {part: settings.dtype if name == "auto" else name for part, name in own.items()}
    return {part: getattr(torch, name) for part, name in names.items() if name != "auto"}


def _storages(settings: Settings) -> dict[PartKind, str]:
    chosen = {PartKind.NETWORK: settings.network_storage, PartKind.TEXT: settings.text_storage}
    return {part: storage for part, storage in chosen.items() if storage}


def _budgets(settings: Settings, device: torch.device) -> dict[str, int]:
    """Bytes by kind of device. On a CPU ``--vram`` is a word for its memory, where ``--ram`` is not given."""
    budgets: dict[str, int] = {}
    if settings.ram:
        budgets[CPU.type] = read_size(settings.ram, device_memory(CPU).total)
    if settings.vram and device.type not in budgets:
        budgets[device.type] = read_size(settings.vram, device_memory(device).total)
    if settings.model_bytes:
        budgets[device.type] = settings.model_bytes
    return budgets
