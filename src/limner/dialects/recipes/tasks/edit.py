"""Edit: a picture changed by an instruction, with networks that look at pictures beside the text."""

from limner.dialects.recipes.building import empty, encoded, kept, loaded, origin, prompts, shown_beside, walked
from limner.dialects.recipes.recipe import Draft, DrawingModel, Loaded, Recipe
from limner.graph.graph import Link


def _build(draft: Draft) -> None:
    picture = Link(origin(draft), 0)
    model = loaded(draft)
    texts = prompts(draft, model)
    if draft.wanted.model.variant == "instructions":
        kept(draft, _by_instructions(draft, model, texts, picture))
        return
    shown = texts[0]
    for number, one in enumerate((picture, *shown_beside(draft)), 1):
        shown = _shown(draft, model, shown, one, f" {number}" if number > 1 else "")
    kept(draft, walked(draft, model, (shown, texts[1]), empty(draft)))


def _shown(draft: Draft, model: Loaded, text: Link, picture: Link, which: str) -> Link:
    """What is said, with a picture beside it."""
    megapixels = round(draft.wanted.model.settings.size**2 / (1 << 20), 2)
    fit = draft.add(
        "ImageScaleToTotalPixels",
        f"Fit{which} for the model",
        image=picture,
        upscale_method="lanczos",
        megapixels=megapixels,
    )
    latent = encoded(draft, model, Link(fit, 0))
    return Link(draft.add("ReferenceLatent", f"Show the picture{which}", conditioning=text, latent=latent), 0)


def _by_instructions(draft: Draft, model: Loaded, texts: tuple[Link, Link], picture: Link) -> Link:
    node = draft.add(
        "InstructPixToPixConditioning",
        "Show the picture",
        positive=texts[0],
        negative=texts[1],
        vae=model.autoencoder,
        pixels=picture,
    )
    return walked(draft, model, (Link(node, 0), Link(node, 1)), Link(node, 2))


def _suits(model: DrawingModel) -> bool:
    return model.edits


EDIT = Recipe("edit", "Edit by instruction", _build, _suits, order=5)
