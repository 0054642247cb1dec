"""Image to image: a picture painted over, as strongly as one likes."""

from limner.dialects.recipes.building import encoded, fitted, kept, loaded, origin, prompts, walked
from limner.dialects.recipes.recipe import Draft, Recipe
from limner.graph.graph import Link

STRENGTH = 0.6
"""How much is painted over: the composition stays, the rest is new."""


def _build(draft: Draft) -> None:
    picture = origin(draft)
    model = loaded(draft)
    texts = prompts(draft, model)
    latent = encoded(draft, model, fitted(draft, Link(picture, 0)))
    kept(draft, walked(draft, model, texts, latent, STRENGTH))


IMAGE = Recipe("image", "Image to image", _build, order=1)
