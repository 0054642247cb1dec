"""Stable Diffusion 1.x and all of its build: fine-tunes, inpainting (9 channels), pix2pix (8), small networks."""

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.posed_picture import is_posed
from limner.models.parts.prediction import prediction
from limner.models.parts.unet import read_unet, unet_blueprint
from limner.models.parts.unet_pass import unet_forward, unet_inputs
from limner.sampling.denoiser import LatentFormat

HEADS = 8
"""At every level, whatever its width."""

OPEN_CLIP_CONTEXT = 1024
"""The context width of Stable Diffusion 2; every other width counts as version 1."""


def _recognise(layout: Layout) -> bool:
    shape = read_unet(layout)
    return (
        shape is not None
        and not shape.vector
        and shape.context != OPEN_CLIP_CONTEXT
        and shape.in_channels in (4, 8, 9)
        and all(channels % HEADS == 0 for channels in shape.channels)
        and not is_posed(layout)
    )


def _network(layout: Layout) -> Blueprint:
    return unet_blueprint(layout, lambda channels: HEADS)


SD1 = Family(
    name="sd1",
    doc="Stable Diffusion 1.x: UNet with CLIP ViT-L text, predicts noise, 512 px.",
    recognise=_recognise,
    network=_network,
    text_places={"cond_stage_model.transformer.": "clip_l"},
    parametrization=lambda layout: prediction(layout, "epsilon"),
    latent_format=LatentFormat(
        scale=0.18215,
        # Rough: signs and sizes that give a recognisable glimpse; a fit replaces them where one is at hand.
        rgb=((0.3, 0.2, 0.3), (0.3, 0.5, 0.2), (-0.3, 0.2, 0.3), (-0.2, -0.3, -0.7)),
    ),
    native_size=512,
    inputs=unet_inputs(),
    forward=unet_forward,
)
