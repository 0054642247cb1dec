"""Inpaint: a part of a picture painted anew; the rest stays as it is, to the pixel.

The mask is a picture of its own, white where it is painted anew; without one the transparent part of the picture
counts.
"""

from limner.dialects.recipes.building import fitted, kept, loaded, origin, prompts, repainted
from limner.dialects.recipes.recipe import Draft, Recipe
from limner.graph.graph import Link

GROW, FEATHER = 6, 8
"""Pixels by which a mask grows, and over which its edge fades."""
WIDTH = 0.5
"""How wide the fade is, in radii: at the end of it nothing is left."""
STRENGTH = 0.9


def _build(draft: Draft) -> None:
    picture = origin(draft)
    mask = _mask(draft, picture)
    model = loaded(draft)
    texts = prompts(draft, model)
    grown, edge = _edges(draft, mask)
    fit = fitted(draft, Link(picture, 0))
    kept(draft, repainted(draft, model, texts, fit, grown, edge, STRENGTH))


def _mask(draft: Draft, picture: str) -> Link:
    if not draft.wanted.value("image.mask", ""):
        return Link(picture, 1)
    roles = {"image": "image.mask"}
    return Link(draft.add("LoadImageMask", "Mask (white is painted anew)", roles, image="", channel="red"), 0)


def _edges(draft: Draft, mask: Link) -> tuple[Link, Link]:
    """The mask grown, and with a soft edge around that."""
    node = draft.add("GrowMask", "Grow mask", {"expand": "mask.grow"}, mask=mask, expand=GROW, tapered_corners=True)
    grown = Link(node, 0)
    if not draft.wanted.value("mask.feather", FEATHER):
        return grown, grown
    shown = draft.add("MaskToImage", "Mask as a picture", mask=grown)
    roles = {"blur_radius": "mask.feather"}
    soft = draft.add("ImageBlur", "Soft edge", roles, image=Link(shown, 0), blur_radius=FEATHER, sigma=WIDTH)
    return grown, Link(draft.add("ImageToMask", "Soft mask", image=Link(soft, 0), channel="red"), 0)


INPAINT = Recipe("inpaint", "Inpaint", _build, order=2)
