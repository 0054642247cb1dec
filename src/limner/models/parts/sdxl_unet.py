"""The UNet of SDXL's base, which several families have: how it is recognised and built, where its text encoders are."""

import json
from collections.abc import Mapping

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.unet import read_unet, unet_blueprint

VECTOR = 1280 + 6 * 256
"""Pooled text and six numbers of 256 features."""

CONTEXT = 768 + 1280
HEAD_WIDTH = 64

TEXT_PLACES: Mapping[str, str] = {
    "conditioner.embedders.0.transformer.": "clip_l",
    "conditioner.embedders.1.model.": "clip_g",
    "conditioner.embedders.1.transformer.": "clip_g",
}

LATENT_MEASURES = ("edm_mean", "edm_std")
"""Tensors that say that latents are brought to mean 0 and a deviation of their own."""


def is_sdxl(layout: Layout) -> bool:
    """Whether a file holds a UNet of this kind."""
    shape = read_unet(layout)
    return shape is not None and shape.vector == VECTOR and shape.context == CONTEXT


def measures_latents(layout: Layout) -> bool:
    """Whether its latents are measured: marked by tensors, or stated by the autoencoder of a folder."""
    stated = json.loads(layout.metadata.get("vae.config", "{}"))
    return LATENT_MEASURES[0] in layout or stated.get("latents_mean") is not None


def sdxl_blueprint(layout: Layout) -> Blueprint:
    """How to build and fill it."""
    return unet_blueprint(layout, lambda channels: channels // HEAD_WIDTH)
