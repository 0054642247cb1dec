"""Upscale: a picture made larger, by a network if one was chosen, and then repainted a little for the details."""

from limner.dialects.recipes.building import encoded, kept, loaded, origin, prompts, walked
from limner.dialects.recipes.enlarging import enlarged
from limner.dialects.recipes.recipe import Draft, Recipe
from limner.graph.graph import Link

FACTOR, STRENGTH = 2.0, 0.35


def _build(draft: Draft) -> None:
    picture = Link(origin(draft), 0)
    larger = enlarged(draft, picture, ("upscale.factor", "upscale.model"), FACTOR)
    model = loaded(draft)
    texts = prompts(draft, model)
    kept(draft, walked(draft, model, texts, encoded(draft, model, larger), STRENGTH))


UPSCALE = Recipe("upscale", "Upscale", _build, order=4)
