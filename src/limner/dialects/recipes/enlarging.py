"""Pictures made larger: smoothly or by a network, and painted over a little for what a larger picture can show."""

from limner.dialects.recipes.building import encoded, sampled
from limner.dialects.recipes.recipe import Draft, Loaded
from limner.graph.graph import Link

METHOD = "lanczos"
REFINE_FACTOR, REFINE_STRENGTH = 1.5, 0.4
"""Of the second pass, if nothing else was said: shapes stay, edges and textures become finer."""
REFINE_SEED = 0
"""Its noise is always the same, so that a picture's own seed says all of how it was made."""


def enlarged(draft: Draft, picture: Link, roles: tuple[str, str], factor: float) -> Link:
    """A picture so many times larger.

    Args:
        draft: Where to.
        picture: What.
        roles: Of the factor and of the network that enlarges; without a network it is smooth.
        factor: What it is if nothing was said.
    """
    scaled = {"scale_by": roles[0]}
    larger = draft.add("ImageScaleBy", "Larger", scaled, image=picture, upscale_method=METHOD, scale_by=factor)
    if not draft.wanted.value(roles[1], ""):
        return Link(larger, 0)
    loader = draft.add("UpscaleModelLoader", "Upscale model", {"model_name": roles[1]}, model_name="")
    made = draft.add("ImageUpscaleWithModel", "Enlarge by a network", upscale_model=Link(loader, 0), image=picture)
    size = draft.add("GetImageSize", "Wanted size", image=Link(larger, 0))
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


def is_refined(draft: Draft) -> bool:
    """Whether a second pass was asked for: a factor was named."""
    factor = draft.wanted.values.get("refine.factor")
    return isinstance(factor, int | float) and factor > 0


def refined(draft: Draft, model: Loaded, texts: tuple[Link, Link], picture: Link) -> Link:
    """A picture enlarged and walked over once more."""
    larger = enlarged(draft, picture, ("refine.factor", "refine.model"), REFINE_FACTOR)
    roles = {"steps": "refine.steps", "denoise": "refine.strength"}
    latent = encoded(draft, model, larger)
    inputs = {"steps": draft.wanted.value("sampler.steps", draft.wanted.model.settings.steps)}
    return sampled(
        draft,
        model,
        texts,
        latent,
        title="Second pass",
        roles=roles,
        seed=REFINE_SEED,
        denoise=REFINE_STRENGTH,
        **inputs,
    )
