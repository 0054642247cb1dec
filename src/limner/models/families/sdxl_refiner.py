"""Stable Diffusion XL, refiner: OpenCLIP ViT-bigG text only, told sizes and an aesthetic score beside the text."""

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.prediction import prediction
from limner.models.parts.size_vector import refiner_vector
from limner.models.parts.unet import read_unet, unet_blueprint
from limner.models.parts.unet_pass import EXACT, unet_forward, unet_inputs
from limner.sampling.denoiser import LatentFormat

VECTOR = 1280 + 5 * 256
"""Pooled text and five numbers of 256 features."""

CONTEXT = 1280
HEAD_WIDTH = 64


def _recognise(layout: Layout) -> bool:
    shape = read_unet(layout)
    return shape is not None and shape.vector == VECTOR and shape.context == CONTEXT


def _network(layout: Layout) -> Blueprint:
    return unet_blueprint(layout, lambda channels: channels // HEAD_WIDTH)


SDXL_REFINER = Family(
    name="sdxl_refiner",
    doc="Stable Diffusion XL refiner: UNet with OpenCLIP ViT-bigG text and aesthetic score, predicts noise, 1024 px.",
    recognise=_recognise,
    network=_network,
    text_places={"conditioner.embedders.0.model.": "clip_g", "conditioner.embedders.0.transformer.": "clip_g"},
    parametrization=lambda layout: prediction(layout, "epsilon"),
    latent_format=LatentFormat(
        scale=0.13025,
        # Rough, as for the base, whose autoencoder it shares.
        rgb=((0.35, 0.4, 0.45), (-0.25, -0.05, 0.1), (0.1, 0.1, -0.05), (-0.3, -0.25, -0.25)),
    ),
    native_size=1024,
    inputs=unet_inputs(refiner_vector),
    forward=unet_forward,
    exact=EXACT,
)
