"""The autoencoder of Stable Video Diffusion: pictures are encoded one by one, frames decoded together.

Source: Blattmann et al. 2023, "Stable Video Diffusion", section 3.1.
"""

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.parts.temporal_decoder import decoded_together, temporal_decoder_blueprint

TEMPORAL = AutoencoderKind(
    name="temporal",
    doc="Autoencoder of Stable Video Diffusion: a batch of latents is decoded as one video.",
    blueprint=temporal_decoder_blueprint,
    decode=decoded_together,
    together=True,
)
