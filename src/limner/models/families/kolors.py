"""Kolors: a UNet of SDXL's shape behind a layer that takes ChatGLM3's states, trained on 1,100 timesteps.

Source: Kolors team 2024, sections 2.1 and 2.3.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.size_vector import base_vector
from limner.models.parts.unet import read_unet, unet_blueprint
from limner.models.parts.unet_pass import EXACT, unet_forward, unet_inputs
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import (
    EpsParametrization,
    Parametrization,
    scaled_linear_betas,
    sigmas_of_betas,
)

HEAD_WIDTH = 64
POOLED = 4096
"""Length of ChatGLM3's pooled vector."""

TIMESTEPS, LAST_BETA = 1100, 0.014


def _recognise(layout: Layout) -> bool:
    shape = read_unet(layout)
    return shape is not None and shape.unprojected > 0 and shape.vector > 0


def _network(layout: Layout) -> Blueprint:
    return unet_blueprint(layout, lambda channels: channels // HEAD_WIDTH)


def _parametrization(layout: Layout) -> Parametrization:
    return EpsParametrization(sigmas_of_betas(scaled_linear_betas(end=LAST_BETA, count=TIMESTEPS)))


def _told(entry: Mapping[str, Any], latent: Tensor) -> dict[str, Tensor]:
    """Pooled text and sizes, as SDXL is told them."""
    given = {"pooled_output": torch.zeros(1, POOLED), **entry}
    return base_vector(given, latent)


KOLORS = Family(
    name="kolors",
    doc="Kolors: UNet of SDXL's shape with ChatGLM3 text, predicts noise, 1024 px.",
    recognise=_recognise,
    network=_network,
    parametrization=_parametrization,
    latent_format=LatentFormat(
        scale=0.13025,
        # Rough, as for SDXL, whose autoencoder it shares.
        rgb=((0.35, 0.4, 0.45), (-0.25, -0.05, 0.1), (0.1, 0.1, -0.05), (-0.3, -0.25, -0.25)),
    ),
    native_size=1024,
    inputs=unet_inputs(_told),
    forward=unet_forward,
    exact=EXACT,
)
