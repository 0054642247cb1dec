"""PixArt-Sigma: T5 text, any size up to 4K, the autoencoder of SDXL."""

from limner.models.family import Family
from limner.models.load.layout import Layout
from limner.models.parts.pixart import (
    find_pixart,
    is_alpha,
    pixart_blueprint,
    pixart_forward,
    pixart_inputs,
    pixart_parametrization,
)
from limner.sampling.denoiser import LatentFormat


def _recognise(layout: Layout) -> bool:
    return find_pixart(layout) is not None and not is_alpha(layout)


PIXART_SIGMA = Family(
    name="pixart_sigma",
    doc="PixArt-Sigma: transformer with T5 text, predicts noise, 1024 px and more.",
    recognise=_recognise,
    network=pixart_blueprint,
    parametrization=pixart_parametrization,
    latent_format=LatentFormat(
        scale=0.13025,
        # Rough, as for SDXL, whose autoencoder it uses.
        rgb=((0.35, 0.4, 0.45), (-0.25, -0.05, 0.1), (0.1, 0.1, -0.05), (-0.3, -0.25, -0.25)),
    ),
    native_size=1024,
    inputs=pixart_inputs,
    forward=pixart_forward,
)
