"""Stable Diffusion 2.x: OpenCLIP ViT-H text of width 1024.

Shapes do not tell the 512 px networks (which predict noise) from the 768 px ones (which predict velocities). A file
with four input channels is taken for the latter, by far the commoner in use; ``modelspec.prediction_type`` in its
metadata says otherwise. Inpainting and depth networks (9, 5 channels) exist for noise only.
"""

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.prediction import prediction
from limner.models.parts.unet import read_unet, unet_blueprint
from limner.models.parts.unet_pass import unet_forward, unet_inputs
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization

CONTEXT = 1024
HEAD_WIDTH = 64


def _recognise(layout: Layout) -> bool:
    shape = read_unet(layout)
    return (
        shape is not None
        and not shape.vector
        and shape.context == CONTEXT
        and shape.in_channels in (4, 5, 8, 9)
        and all(channels % HEAD_WIDTH == 0 for channels in shape.channels)
    )


def _network(layout: Layout) -> Blueprint:
    return unet_blueprint(layout, lambda channels: channels // HEAD_WIDTH)


def _parametrization(layout: Layout) -> Parametrization:
    shape = read_unet(layout)
    return prediction(layout, "v" if shape is not None and shape.in_channels == 4 else "epsilon")


SD2 = Family(
    name="sd2",
    doc="Stable Diffusion 2.x: UNet with OpenCLIP ViT-H text, 768 px networks predict velocities, 512 px ones noise.",
    recognise=_recognise,
    network=_network,
    text_places={"cond_stage_model.model.": "clip_h", "cond_stage_model.transformer.": "clip_h"},
    parametrization=_parametrization,
    latent_format=LatentFormat(
        scale=0.18215,
        # Rough, as for version 1, whose autoencoder it shares.
        rgb=((0.3, 0.2, 0.3), (0.3, 0.5, 0.2), (-0.3, 0.2, 0.3), (-0.2, -0.3, -0.7)),
    ),
    native_size=768,
    inputs=unet_inputs(),
    forward=unet_forward,
)
