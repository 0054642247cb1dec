"""Stable unCLIP 2.1: a network of Stable Diffusion 2 that is told of pictures beside the text.

Two were published, for vectors of OpenCLIP ViT-H (1024 numbers) and of CLIP ViT-L (768); both predict velocities. As
in version 2, a file's metadata or a folder's scheduler says otherwise.
"""

from typing import Any

from torch import Tensor

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.prediction import prediction
from limner.models.parts.unclip import label, told, with_statistics
from limner.models.parts.unet import read_unet, unet_blueprint
from limner.models.parts.unet_pass import is_walked, shown, unet_inputs, walked
from limner.sampling.denoiser import LatentFormat

CONTEXT = 1024
HEAD_WIDTH = 64
VECTORS = (2 * 1024, 2 * 768)
"""A picture's vector and as many features of its noise level."""


def _recognise(layout: Layout) -> bool:
    shape = read_unet(layout)
    return (
        shape is not None
        and shape.context == CONTEXT
        and shape.vector in VECTORS
        and all(channels % HEAD_WIDTH == 0 for channels in shape.channels)
    )


def _network(layout: Layout) -> Blueprint:
    return with_statistics(unet_blueprint(layout, lambda channels: channels // HEAD_WIDTH, labelled=True), layout)


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    width = int(str(request.facts["vector"])) // 2
    return {**unet_inputs()(request), **vars(told(request.entry, width))}


def _forward(network: Any, call: Pass) -> Tensor:
    vector = label(network, call.inputs)
    if is_walked(call):
        return walked(network, call, vector)
    return network(
        shown(call),
        call.timestep,
        encoder_hidden_states=call.inputs["context"],
        class_labels=vector,
        return_dict=False,
    )[0]


SD2_UNCLIP = Family(
    name="sd2_unclip",
    doc="Stable unCLIP 2.1: Stable Diffusion 2 with pictures beside the text, predicts velocities, 768 px.",
    recognise=_recognise,
    network=_network,
    text_places={"cond_stage_model.model.": "clip_h", "cond_stage_model.transformer.": "clip_h"},
    text_type="sd2",
    parametrization=lambda layout: prediction(layout, "v"),
    latent_format=LatentFormat(
        scale=0.18215,
        # Rough, as for version 1, whose autoencoder it shares.
        rgb=((0.3, 0.2, 0.3), (0.3, 0.5, 0.2), (-0.3, 0.2, 0.3), (-0.2, -0.3, -0.7)),
    ),
    native_size=768,
    inputs=_inputs,
    forward=_forward,
)
