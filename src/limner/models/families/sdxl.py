"""Stable Diffusion XL, base: two text encoders, told sizes and crops beside the text."""

from limner.models.family import Family
from limner.models.load.layout import Layout
from limner.models.parts.prediction import prediction
from limner.models.parts.sdxl_unet import TEXT_PLACES, is_sdxl, measures_latents, sdxl_blueprint
from limner.models.parts.size_vector import base_vector
from limner.models.parts.unet_pass import EXACT, unet_forward, unet_inputs
from limner.sampling.continuous import ContinuousParametrization, read_velocity
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization

VELOCITY = "edm_vpred.sigma_max"
"""A tensor of this name: trained to predict velocities at noise levels up to that one."""

SIGMA_MIN, SIGMA_MAX = 0.002, 120.0


def _recognise(layout: Layout) -> bool:
    return is_sdxl(layout) and not measures_latents(layout)


def _parametrization(layout: Layout) -> Parametrization:
    if VELOCITY in layout:
        return ContinuousParametrization(read_velocity, SIGMA_MIN, SIGMA_MAX)
    return prediction(layout, "epsilon")


SDXL = Family(
    name="sdxl",
    doc="Stable Diffusion XL base: UNet with CLIP ViT-L and OpenCLIP ViT-bigG text, predicts noise, 1024 px.",
    recognise=_recognise,
    network=sdxl_blueprint,
    text_places=TEXT_PLACES,
    parametrization=_parametrization,
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
