"""Upscale: a picture made larger, by a network if one was chosen, and then repainted a little for the details."""

from limner.dialects.recipes.building import encoded, kept, loaded, origin, prompts, walked
from limner.dialects.recipes.recipe import Draft, Recipe
from limner.graph.graph import Link

FACTOR, STRENGTH = 2.0, 0.35
METHOD = "lanczos"


def _build(draft: Draft) -> None:
    picture = Link(origin(draft), 0)
    roles = {"scale_by": "upscale.factor"}
    larger = Link(draft.add("ImageScaleBy", "Larger", roles, image=picture, upscale_method=METHOD, scale_by=FACTOR), 0)
    if draft.wanted.value("upscale.model", ""):
        larger = _by_network(draft, picture, larger)
    model = loaded(draft)
    texts = prompts(draft, model)
    kept(draft, walked(draft, model, texts, encoded(draft, model, larger), STRENGTH))


def _by_network(draft: Draft, picture: Link, larger: Link) -> Link:
    """The picture enlarged by a network, whatever its factor is, in the size that was asked for."""
    loader = draft.add("UpscaleModelLoader", "Upscale model", {"model_name": "upscale.model"}, model_name="")
    made = draft.add("ImageUpscaleWithModel", "Enlarge by a network", upscale_model=Link(loader, 0), image=picture)
    size = draft.add("GetImageSize", "Wanted size", image=larger)
    fit = draft.add(
        "ImageScale",
        "Wanted size of it",
        image=Link(made, 0),
        upscale_method=METHOD,
        width=Link(size, 0),
        height=Link(size, 1),
        crop="disabled",
    )
    return Link(fit, 0)


UPSCALE = Recipe("upscale", "Upscale", _build, order=4)
