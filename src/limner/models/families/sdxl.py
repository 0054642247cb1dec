"""Stable Diffusion XL, base: two text encoders, told sizes and crops beside the text."""

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.prediction import prediction
from limner.models.parts.size_vector import base_vector
from limner.models.parts.unet import read_unet, unet_blueprint
from limner.models.parts.unet_pass import EXACT, unet_forward, unet_inputs
from limner.sampling.denoiser import LatentFormat

VECTOR = 1280 + 6 * 256
"""Pooled text and six numbers of 256 features."""

CONTEXT = 768 + 1280
HEAD_WIDTH = 64


def _recognise(layout: Layout) -> bool:
    shape = read_unet(layout)
    return shape is not None and shape.vector == VECTOR and shape.context == CONTEXT


def _network(layout: Layout) -> Blueprint:
    return unet_blueprint(layout, lambda channels: channels // HEAD_WIDTH)


SDXL = Family(
    name="sdxl",
    doc="Stable Diffusion XL base: UNet with CLIP ViT-L and OpenCLIP ViT-bigG text, predicts noise, 1024 px.",
    recognise=_recognise,
    network=_network,
    text_places={
        "conditioner.embedders.0.transformer.": "clip_l",
        "conditioner.embedders.1.model.": "clip_g",
        "conditioner.embedders.1.transformer.": "clip_g",
    },
    parametrization=lambda layout: prediction(layout, "epsilon"),
    latent_format=LatentFormat(
        scale=0.13025,
        # Rough: the first channel is brightness, the next two opposite colours, the last contrast.
        rgb=((0.35, 0.4, 0.45), (-0.25, -0.05, 0.1), (0.1, 0.1, -0.05), (-0.3, -0.25, -0.25)),
    ),
    native_size=1024,
    inputs=unet_inputs(base_vector),
    forward=unet_forward,
    exact=EXACT,
)
