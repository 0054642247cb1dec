"""PixArt-alpha: T5 text, the picture's size told beside it (at 1024 px), the autoencoder of Stable Diffusion 1."""

from limner.models.family import Family
from limner.models.parts.pixart import (
    EXACT,
    is_alpha,
    pixart_blueprint,
    pixart_forward,
    pixart_inputs,
    pixart_parametrization,
)
from limner.sampling.denoiser import LatentFormat

PIXART_ALPHA = Family(
    name="pixart_alpha",
    doc="PixArt-alpha: transformer with T5 text, predicts noise, 1024 px.",
    recognise=is_alpha,
    network=pixart_blueprint,
    parametrization=pixart_parametrization,
    latent_format=LatentFormat(
        scale=0.18215,
        # Rough, as for Stable Diffusion 1, whose autoencoder it uses.
        rgb=((0.3, 0.2, 0.3), (0.3, 0.5, 0.2), (-0.3, 0.2, 0.3), (-0.2, -0.3, -0.7)),
    ),
    native_size=1024,
    inputs=pixart_inputs,
    forward=pixart_forward,
    exact=EXACT,
)
