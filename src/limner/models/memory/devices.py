"""What torch's devices are like: how much memory they have, which types suit them, what can be overlapped.

Every question about a kind of device is answered here, so that nothing else asks for its name. ROCm's is ``cuda``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from limner.storage.host_memory import host_memory


@dataclass(frozen=True)
class DeviceTraits:
    """What holds for a kind of device.

    Attributes:
        network: What denoising networks compute in if nobody says otherwise.
        text: The same for text encoders,
        vae: and for autoencoders.
        streams: Copies can run beside the computation, from pinned memory.
        share: How much of its memory is ours, if nobody says otherwise.
        spare: Bytes that stay free for an evaluation whose size is not known yet.
        tested: Limner's tests have run on one.
    """

    network: torch.dtype
    text: torch.dtype
    vae: torch.dtype
    streams: bool = False
    share: float = 0.9
    spare: int = 0
    tested: bool = False


TRAITS: Mapping[str, DeviceTraits] = {
    "cpu": DeviceTraits(torch.float32, torch.float32, torch.float32, share=0.6, tested=True),
    "cuda": DeviceTraits(torch.float16, torch.float16, torch.bfloat16, streams=True, spare=1 << 29),
    "xpu": DeviceTraits(torch.float16, torch.float16, torch.bfloat16, streams=True, spare=1 << 29),
    # Its memory is the machine's, so a tenth would not do for everything else.
    "mps": DeviceTraits(torch.float16, torch.float16, torch.float32, share=0.7, spare=1 << 29),
}
OTHER = DeviceTraits(torch.float32, torch.float32, torch.float32, share=0.8, spare=1 << 29)


@dataclass(frozen=True)
class DeviceMemory:
    """Bytes of a device.

    Attributes:
        total: All of it.
        free: What could be taken now; what torch holds without using it counts as free.
        reserved: What torch holds, used or not.
    """

    total: int
    free: int
    reserved: int = 0


def traits_of(device: torch.device) -> DeviceTraits:
    """What holds for a device."""
    return TRAITS.get(device.type, OTHER)


def best_device() -> str:
    """The fastest device that torch can use here: CUDA or ROCm, XPU, MPS, else the CPU."""
    if torch.cuda.is_available():
        return "cuda"
    if torch.xpu.is_available():
        return "xpu"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def present_devices() -> list[torch.device]:
    """The accelerators that torch sees."""
    found = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
    found += [torch.device("xpu", index) for index in range(torch.xpu.device_count())]
    return found + ([torch.device("mps")] if torch.backends.mps.is_available() else [])


def device_name(device: torch.device) -> str:
    """A device's name, for people: ``cuda:0 NVIDIA GeForce RTX 4090``."""
    if device.type not in ("cuda", "xpu"):
        return str(device)
    return f"{device.type}:{device.index or 0} {module_of(device).get_device_name(device)}"


def device_memory(device: torch.device) -> DeviceMemory:
    """A device's memory as it is now; that of the CPU as far as a container leaves it."""
    if device.type in ("cuda", "xpu"):
        module = module_of(device)
        free, total = module.mem_get_info(device)
        reserved = module.memory_reserved(device)
        return DeviceMemory(total, free + reserved - module.memory_allocated(device), reserved)
    if device.type == "mps":
        total, used = torch.mps.recommended_max_memory(), torch.mps.driver_allocated_memory()
        return DeviceMemory(total, max(0, total - used), used)
    host = host_memory()
    return DeviceMemory(host.total, host.available)


def give_back(device: torch.device) -> None:
    """Returns memory that torch holds without using it to the device."""
    module = module_of(device)
    if device.type != "cpu" and hasattr(module, "empty_cache"):
        module.empty_cache()


def module_of(device: torch.device) -> Any:
    """``torch.cuda`` and its like; for a CPU ``torch.cpu``."""
    return getattr(torch, device.type)
