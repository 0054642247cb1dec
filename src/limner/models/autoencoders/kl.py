"""The autoencoder of Stable Diffusion, SDXL, SD3, Flux and relatives: still pictures, eight pixels an element.

Source: Rombach et al. 2022, section 3.1.
"""

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.parts.autoencoder_kl import autoencoder_blueprint

KL = AutoencoderKind(
    name="kl",
    doc="Autoencoder of the Stable Diffusion line, with 4 or 16 channels.",
    blueprint=autoencoder_blueprint,
)
