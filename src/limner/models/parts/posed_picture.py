"""A picture and from where it is to be seen, in the place of a text: the layer in front of Zero-1-to-3's attention.

Source: Liu et al. 2023, "Zero-1-to-3: zero-shot one image to 3D object", section 3.2.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout

LAYER = "cc_projection"
"""Of the network; files keep it beside the UNet,"""
PLACES = ("cc_projection.", "cc_projection.projection.")
"""in the original layout and in folders."""
PARTS = ("weight", "bias")

POSED = "posed"
"""Input of a pass: 1 where a picture has a pose, 0 where nothing is seen [n 1]."""


def is_posed(layout: Layout) -> bool:
    """Whether a file's network has the layer."""
    return any(f"{place}weight" in layout for place in PLACES)


def with_layer(blueprint: Blueprint, layout: Layout) -> Blueprint:
    """A UNet's blueprint with the layer."""
    place = next(place for place in PLACES if f"{place}weight" in layout)
    width, given = layout.shape(f"{place}weight")
    keys = {f"{LAYER}.{part}": Source((place + part,)) for part in PARTS}
    return replace(
        blueprint,
        keys={**blueprint.keys, **keys},
        build=partial(_build, build=blueprint.build, given=given, width=width),
        facts={**blueprint.facts, POSED: given},
    )


def _build(*, build: Any, given: int, width: int) -> nn.Module:
    network: nn.Module = build()
    network.add_module(LAYER, nn.Linear(given, width))
    return network


def posed(context: Tensor, facts: Mapping[str, object]) -> dict[str, Tensor]:
    """The context as all entries have it, and whether it has a pose.

    Shapes: context [1 t d]; returns [1 t e] and [1 1].
    """
    given = int(str(facts[POSED]))
    has = context.shape[-1] == given
    filled = context if has else torch.nn.functional.pad(context, (0, given - context.shape[-1]))
    return {"context": filled, POSED: torch.tensor([[float(has)]])}


def seen(network: Any, inputs: Mapping[str, Tensor]) -> Tensor:
    """What attention gets: projected where there is a pose, as it is elsewhere. Shapes: returns [n t d]."""
    projected = getattr(network, LAYER)(inputs["context"])
    plain = inputs["context"][..., : projected.shape[-1]]
    return torch.where(inputs[POSED][..., None] > 0, projected, plain)
