"""Text to image: a picture from nothing but words."""

from limner.dialects.recipes.building import empty, kept, loaded, prompts, walked
from limner.dialects.recipes.recipe import Draft, Recipe


def _build(draft: Draft) -> None:
    model = loaded(draft)
    texts = prompts(draft, model)
    kept(draft, walked(draft, model, texts, empty(draft, several=True)))


TEXT = Recipe("text", "Text to image", _build, order=0)
