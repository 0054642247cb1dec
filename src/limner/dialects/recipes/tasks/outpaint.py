"""Outpaint: a picture goes on beyond its edges."""

from limner.dialects.recipes.building import kept, loaded, origin, prompts, repainted
from limner.dialects.recipes.recipe import Draft, Recipe
from limner.graph.graph import Link

SIDES = ("left", "top", "right", "bottom")
SHARE = 4
"""Beyond every edge a quarter of the model's size is painted, if nothing else was said."""
FEATHER_SHARE = 16


def _build(draft: Draft) -> None:
    settings = draft.wanted.model.settings
    picture = origin(draft)
    beyond = settings.size // SHARE // settings.multiple * settings.multiple
    roles = {side: f"outpaint.{side}" for side in SIDES} | {"feathering": "mask.feather"}
    padded = draft.add(
        "ImagePadForOutpaint",
        "Room beyond the edges",
        roles,
        image=Link(picture, 0),
        **dict.fromkeys(SIDES, beyond),
        feathering=settings.size // FEATHER_SHARE,
    )
    model = loaded(draft)
    texts = prompts(draft, model)
    hole = Link(padded, 1)
    kept(draft, repainted(draft, model, texts, Link(padded, 0), hole, hole, 1.0))


OUTPAINT = Recipe("outpaint", "Outpaint", _build, order=3)
