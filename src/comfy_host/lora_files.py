"""LoRA tensors by name as patches of weights, and the names that trainers give to layers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from comfy_host.weights import LowRankPatch, Place
from limner.models.adapters.lora import split_name

logger = logging.getLogger(__name__)

PLAIN = {".diff": "diff", ".diff_b": "diff", ".w_norm": "diff", ".b_norm": "diff", ".set_weight": "set"}
"""Endings of tensors that are patches as they are, and the kind of patch."""
BIASES = (".diff_b", ".b_norm")


def load_lora(lora: Mapping[str, Tensor], to_load: Mapping[str, Any], log_missing: bool = True) -> dict[Any, Any]:
    """Patches by weight.

    Args:
        lora: Tensors by name.
        to_load: Weights (or (weight, offset) pairs) by the names of layers.
        log_missing: Whether to say which tensors had no place.
    """
    layers: dict[str, dict[str, Tensor]] = {}
    patches: dict[Any, Any] = {}
    unknown = []
    for name, tensor in lora.items():
        found, plain = split_name(name), next((ending for ending in PLAIN if name.endswith(ending)), None)
        if found is not None and found[0] in to_load:
            layers.setdefault(found[0], {})[found[1]] = tensor
        elif plain is not None and name.removesuffix(plain) in to_load:
            key = to_load[name.removesuffix(plain)]
            key = key.removesuffix(".weight") + ".bias" if plain in BIASES and isinstance(key, str) else key
            patches[key] = (PLAIN[plain], (tensor,))
        elif name.endswith(".dora_scale") and name.removesuffix(".dora_scale") in to_load:
            layers.setdefault(name.removesuffix(".dora_scale"), {})["dora"] = tensor
        else:
            unknown.append(name)
    for layer, parts in layers.items():
        if "up" in parts and "down" in parts:
            alpha = float(parts["alpha"]) if "alpha" in parts else None
            content = (parts["up"], parts["down"], alpha, parts.get("mid"), parts.get("dora"), None)
            patches[to_load[layer]] = LowRankPatch({layer}, content)
    if unknown and log_missing:
        logger.info("%d tensors of a LoRA are for other parts, such as %s.", len(unknown), unknown[0])
    return patches


def model_lora_keys_unet(model: Any, key_map: dict[str, Any] | None = None) -> dict[str, Any]:
    """Weights of a denoising network by the names of layers."""
    return _named(model, {} if key_map is None else key_map)


def model_lora_keys_clip(model: Any, key_map: dict[str, Any] | None = None) -> dict[str, Any]:
    """Weights of text encoders by the names of layers."""
    return _named(model, {} if key_map is None else key_map)


def _named(model: Any, key_map: dict[str, Any]) -> dict[str, Any]:
    names = {place: key for key, place in model.places().items()}
    for number, network in enumerate(model.networks()):
        for alias, target in network.blueprint.aliases.items():
            if Place(number, target) in names:
                key_map[alias] = names[Place(number, target)]
    for key in names.values():
        if key.endswith(".weight"):
            key_map[key.removesuffix(".weight")] = key
    return key_map
