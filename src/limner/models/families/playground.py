"""Playground 2.5: SDXL's network, trained on noise levels of its own and on latents of mean 0 and deviation 1/2.

Source: Li et al. 2024, "Playground v2.5", section 2.1; Karras et al. 2022, table 1 (preconditioning).
"""

from limner.models.family import Family
from limner.models.load.layout import Layout
from limner.models.parts.sdxl_unet import TEXT_PLACES, is_sdxl, measures_latents, sdxl_blueprint
from limner.models.parts.size_vector import base_vector
from limner.models.parts.unet_pass import EXACT, unet_forward, unet_inputs
from limner.sampling.continuous import ContinuousParametrization, read_preconditioned
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization

SIGMA_MIN, SIGMA_MAX, DEVIATION = 0.002, 80.0, 0.5


def _recognise(layout: Layout) -> bool:
    return measures_latents(layout) and is_sdxl(layout)


def _parametrization(layout: Layout) -> Parametrization:
    return ContinuousParametrization(read_preconditioned, SIGMA_MIN, SIGMA_MAX, DEVIATION)


PLAYGROUND = Family(
    name="playground",
    doc="Playground 2.5: SDXL's UNet and text encoders with preconditioning of its own, 1024 px.",
    recognise=_recognise,
    network=sdxl_blueprint,
    text_places=TEXT_PLACES,
    text_type="sdxl",
    parametrization=_parametrization,
    latent_format=LatentFormat(
        scale=DEVIATION,
        mean=(-1.6574, 1.886, -1.383, 2.5155),
        deviation=(8.4927, 5.9022, 6.5498, 5.2299),
    ),
    native_size=1024,
    inputs=unet_inputs(base_vector),
    forward=unet_forward,
    exact=EXACT,
)
