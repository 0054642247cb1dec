"""Joins the concrete parts of a worker: definitions, services, engine, backend. Imports the tensor half."""

import platform
from typing import Any

import msgspec
import psutil
import torch

from limner.app.catalogue import local_catalog
from limner.app.registry import load_definitions
from limner.app.settings import Settings
from limner.backends.in_process import InProcessBackend, InProcessWorker
from limner.graph.errors import SettingsError
from limner.models.library import ModelLibrary
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def best_device() -> str:
    """The fastest device that torch can use."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def build_worker(settings: Settings, name: str = "worker-0") -> InProcessWorker:
    """A worker that runs jobs in this process.

    Raises:
        SettingsError: if the device cannot be used.
    """
    device = _device(settings)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    folders = settings.folders()
    folders.create()
    dtype = DTYPES.get(settings.dtype)
    library = ModelLibrary(folders, device=device, dtype=dtype, capacity=settings.model_bytes or None)
    loop = DenoisingLoop()
    services: dict[type, Any] = {
        Folders: folders,
        ModelLibrary: library,
        SamplingRegistry: SamplingRegistry.discovered(),
        DenoisingLoop: loop,
    }
    definitions = load_definitions()

    def release() -> None:
        library.release()

    backend = InProcessBackend(definitions, services, capacity=settings.cache_bytes, exhausted=release)
    catalog = local_catalog(definitions, device_facts(device))
    return InProcessWorker(
        name, backend, catalog=catalog, release_models=release, status=library.status, closing=loop.close
    )


def _device(settings: Settings) -> torch.device:
    name = best_device() if settings.device == "auto" else settings.device
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingsError(f"There is no device {name!r}. Expected cpu, cuda, cuda:1, mps or auto.") from error
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(
            f"Device {name!r} cannot be used ({error}). `limner doctor` lists what there is."
        ) from error
    return device


def device_facts(device: torch.device) -> dict[str, Any]:
    """What clients are told of the device: names as in ComfyUI's /system_stats, sizes in bytes."""
    memory = psutil.virtual_memory()
    facts: dict[str, Any] = {
        "name": str(device),
        "type": device.type,
        "index": device.index,
        "vram_total": memory.total,
        "vram_free": memory.available,
        "torch_vram_total": memory.total,
        "torch_vram_free": memory.available,
        "torch_version": torch.__version__,
        "python_version": platform.python_version(),
    }
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        name = f"cuda:{device.index or 0} {torch.cuda.get_device_name(device)}"
        facts |= {"name": name, "vram_total": total, "vram_free": free}
        facts |= {"torch_vram_total": torch.cuda.memory_reserved(device), "torch_vram_free": free}
    return facts


def read_worker_settings(text: str) -> Settings:
    """Settings as the server handed them over."""
    return msgspec.json.decode(text, type=Settings)
