"""What our own nodes set on a model, where node packs sample with it: patches inside the network stay, and act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from limner.models.patches.patch import PATCHES, Hooks
from limner.sampling.variants import REPORTS, VARIATIONS

KEPT = (PATCHES, VARIATIONS, REPORTS)
"""Options that an evaluation of the network asks for. What is recalled from one evaluation to the next is not among
them: a pack may evaluate in any order."""

MEMORY = "walk_memory"
"""Option under which functions around guidance find a dict that lives as long as the walk."""

REPORTED = "network_reports"
"""Where that dict has what the last evaluation's passes gave beside their outputs, by prediction."""

NATIVE = "native_options"
"""Among ``transformer_options``: the options kept, for the pass."""


def native_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a model's options that an evaluation asks for."""
    return {name: options[name] for name in KEPT if name in options}


def pass_options(network: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a pass is told by packs, with our own patches after theirs."""
    theirs = {name: value for name, value in told.items() if name != NATIVE}
    return Hooks.of(theirs).with_patches(network, told.get(NATIVE, {})).options()
