"""Text to image: a picture from nothing but words; larger and finer in a second pass, if one was asked for."""

from limner.dialects.recipes.building import empty, kept, loaded, prompts, walked
from limner.dialects.recipes.enlarging import is_refined, refined
from limner.dialects.recipes.recipe import Draft, Recipe


def _build(draft: Draft) -> None:
    model = loaded(draft)
    texts = prompts(draft, model)
    picture = walked(draft, model, texts, empty(draft, several=True))
    kept(draft, refined(draft, model, texts, picture) if is_refined(draft) else picture)


TEXT = Recipe("text", "Text to image", _build, order=0)
