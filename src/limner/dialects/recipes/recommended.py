"""What people recommend for a model, in the place of what its family usually draws well with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from limner.dialects.recipes.recipe import DrawingModel

WHOLE = {"sampler.steps": (1, 10_000), "size.width": (16, 16_384), "size.height": (16, 16_384)}
"""Roles of whole numbers, with the least and the most that make sense."""
GUIDANCE = ("sampler.cfg", "sampler.guidance")
"""Two names of one thing, by how a family takes it; people name either."""
NAMES = ("sampler.name", "sampler.scheduler")


def recommending(model: DrawingModel, card: Mapping[str, Any]) -> DrawingModel:
    """A model with what its card says; values that make no sense are passed by.

    Args:
        model: That draws.
        card: Values by role, as somebody wrote them.
    """
    said: dict[str, Any] = {}
    for role, (least, most) in WHOLE.items():
        value = card.get(role)
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            said[role] = int(value)
    guidance = next((card[role] for role in GUIDANCE if isinstance(card.get(role), int | float)), None)
    if guidance is not None and not isinstance(guidance, bool) and 0 <= guidance <= 100:
        said |= dict.fromkeys(GUIDANCE, float(guidance))
    said |= {role: value for role in NAMES if isinstance(value := card.get(role), str) and 0 < len(value) < 100}
    return replace(model, recommended=said) if said else model
