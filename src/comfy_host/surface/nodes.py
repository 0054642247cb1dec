"""``nodes``: Limner's own nodes as classes, those of packs, and what packs use to sample, load and interrupt."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comfy_host.context import host
from comfy_host.core_saving import core_class
from comfy_host.missing import absent

MAX_RESOLUTION = 16384

_CORE: dict[str, type] = {name: core_class(definition) for name, definition in host().definitions.items()}

NODE_CLASS_MAPPINGS: dict[str, Any] = dict(_CORE)
NODE_DISPLAY_NAME_MAPPINGS: dict[str, str] = {
    name: definition.type.title for name, definition in host().definitions.items()
}
EXTENSION_WEB_DIRS: dict[str, str] = {}
LOADED_MODULE_DIRS: dict[str, str] = {}

globals().update({name: kind for name, kind in _CORE.items() if name.isidentifier()})


def add_classes(classes: Mapping[str, Any]) -> None:
    """Lists the classes of packs beside Limner's own."""
    NODE_CLASS_MAPPINGS.update(classes)


def common_ksampler(
    model: Any,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Any,
    negative: Any,
    latent: Any,
    denoise: float = 1.0,
    disable_noise: bool = False,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
) -> tuple[Any, ...]:
    """Samples as KSampler and KSamplerAdvanced do; gives ``(latent,)``."""
    common = {
        "model": model,
        "steps": steps,
        "cfg": cfg,
        "sampler_name": sampler_name,
        "scheduler": scheduler,
        "positive": positive,
        "negative": negative,
        "latent_image": latent,
    }
    plain = start_step is None and last_step is None and not disable_noise and not force_full_denoise
    if plain or denoise < 1.0:
        return NODE_CLASS_MAPPINGS["KSampler"]().sample(seed=seed, denoise=denoise, **common)
    return NODE_CLASS_MAPPINGS["KSamplerAdvanced"]().sample(
        add_noise="disable" if disable_noise else "enable",
        noise_seed=seed,
        start_at_step=start_step or 0,
        end_at_step=10000 if last_step is None else last_step,
        return_with_leftover_noise="disable" if force_full_denoise else "enable",
        **common,
    )


def before_node_execution() -> None:
    """Raises if the run was asked to stop."""
    import comfy.model_management as management

    management.throw_exception_if_processing_interrupted()


def interrupt_processing(value: bool = True) -> None:
    """Asks the run that calls to stop."""
    import comfy.model_management as management

    management.interrupt_current_processing(value)


def get_module_name(module_path: str) -> str:
    """The name of a pack by its path."""
    path = Path(module_path)
    return path.stem if path.is_file() else path.name


async def load_custom_node(
    module_path: str, ignore: set[str] | None = None, module_parent: str = "custom_nodes"
) -> bool:
    """Packs are loaded by the worker when it starts; one that asks for another one now is told so."""
    logging.warning("%s is not loaded now: Limner loads packs when its worker starts.", module_path)
    return False


async def init_external_custom_nodes() -> None:
    """Nothing to do: the worker loads packs."""


async def init_extra_nodes(init_custom_nodes: bool = True, init_api_nodes: bool = True) -> list[str]:
    """Nothing to do: the worker has loaded everything; gives the modules that failed, none."""
    return []


async def init_builtin_extra_nodes() -> list[str]:
    """Nothing to do; see ``init_extra_nodes``."""
    return []


__getattr__ = absent(__name__)
