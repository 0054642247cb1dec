"""Zero-1-to-3 and Stable Zero123: a network of Stable Diffusion 1 that shows an object from another side."""

from dataclasses import replace
from typing import Any

from torch import Tensor

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.posed_picture import is_posed, posed, seen, with_layer
from limner.models.parts.prediction import prediction
from limner.models.parts.unet import read_unet, unet_blueprint
from limner.models.parts.unet_pass import unet_forward, unet_inputs
from limner.sampling.denoiser import LatentFormat

HEADS = 8
CHANNELS = 8
"""The noisy latent, and the picture beside it, unscaled."""


def _recognise(layout: Layout) -> bool:
    shape = read_unet(layout)
    return shape is not None and not shape.vector and shape.in_channels == CHANNELS and is_posed(layout)


def _network(layout: Layout) -> Blueprint:
    return with_layer(unet_blueprint(layout, lambda channels: HEADS), layout)


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    return {**unet_inputs()(request), **posed(request.context, request.facts)}


def _forward(network: Any, call: Pass) -> Tensor:
    return unet_forward(network, replace(call, inputs={**call.inputs, "context": seen(network, call.inputs)}))


ZERO123 = Family(
    name="zero123",
    doc="Zero-1-to-3, Stable Zero123: objects of pictures from other sides, predicts noise, 256 px.",
    recognise=_recognise,
    network=_network,
    parametrization=lambda layout: prediction(layout, "epsilon"),
    latent_format=LatentFormat(
        scale=0.18215,
        # Rough, as for version 1, whose autoencoder it shares.
        rgb=((0.3, 0.2, 0.3), (0.3, 0.5, 0.2), (-0.3, 0.2, 0.3), (-0.2, -0.3, -0.7)),
    ),
    native_size=256,
    inputs=_inputs,
    forward=_forward,
)
