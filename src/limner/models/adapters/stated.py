"""What trainers state of an adapter beside its tensors: the scale of layers that have no alpha of their own.

diffusers writes peft's configuration into the file's metadata, for each network under its name; peft into a file of its
own beside the weights. Both have one alpha for all layers and others by patterns of names.
Source: Kalajdzievski 2023, "A rank stabilization scaling factor", equation 4, for ``use_rslora``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from limner.models.adapters.adapter import Parts
from limner.models.load.model_file import ModelFile

METADATA = "lora_adapter_metadata"
BESIDE = "adapter_config.json"
ALPHAS = ("lora_alpha", "alpha")
"""What LoRA's configuration calls alpha, and that of other kinds."""


@dataclass(frozen=True)
class Stated:
    """What is stated of some layers.

    Attributes:
        alpha: Of all; None: nothing is stated.
        patterns: Other values, by the ends of names, which are regular expressions.
        by_root: Whether alpha is divided by the root of the rank, not by the rank.
    """

    alpha: float | None = None
    patterns: Mapping[str, float] | None = None
    by_root: bool = False

    def filled(self, module: str, parts: Parts) -> Parts:
        """A module's parts with alpha, where they have none and one is stated."""
        if "alpha" in parts or self.alpha is None:
            return parts
        alpha = next((own for end, own in (self.patterns or {}).items() if _ends(module, end)), self.alpha)
        if self.by_root and "down" in parts:
            alpha *= parts["down"].shape[0] ** 0.5
        return {**parts, "alpha": torch.tensor(float(alpha))}


NOTHING = Stated()


def stated_in(file: ModelFile) -> Mapping[str, Stated]:
    """What is stated of a file's layers, by how their names begin; under "" that of all others."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in _read(file.metadata.get(METADATA, "")).items():
        network, _, fact = name.rpartition(".")
        found.setdefault(f"{network}." if network else "", {})[fact] = value
    config = file.beside(BESIDE) if file.files else None
    if config is not None and not found:
        found[""] = dict(_read(config.read_text("utf-8")))
    return {beginning: _stated(facts) for beginning, facts in found.items()}


def stated_of(module: str, stated: Mapping[str, Stated]) -> Stated:
    """What is stated of a module."""
    begun = [beginning for beginning in stated if module.startswith(beginning)]
    return stated[max(begun, key=len)] if begun else NOTHING


def _stated(facts: Mapping[str, Any]) -> Stated:
    alpha = next((facts[name] for name in ALPHAS if isinstance(facts.get(name), int | float)), None)
    return Stated(alpha, facts.get("alpha_pattern") or {}, bool(facts.get("use_rslora")))


def _read(text: str) -> Mapping[str, Any]:
    """An object in JSON; empty for anything else: what trainers wrote there must not keep an adapter from loading."""
    try:
        found: Any = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _ends(module: str, pattern: str) -> bool:
    try:
        return re.fullmatch(rf"(.*\.)?({pattern})", module) is not None
    except re.error:
        return module == pattern
