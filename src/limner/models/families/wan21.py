"""Wan 2.1, and Wan 2.2 with 14 billion weights: videos from text, pictures, other videos; VACE, Fun, Phantom, Animate.

Wan 2.2 is two networks of this kind, one for high noise and one for low, which two samplers use one after the other.

Source: Wan et al. 2025, "Wan: open and advanced large-scale video generative models".
"""

from limner.models.family import Family
from limner.models.parts.wan_latent import DEVIATION, FRAMES, MEAN
from limner.models.parts.wan_pass import latent_channels, wan_blueprint, wan_forward, wan_inputs
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

CHANNELS = 16

SHIFT = 8.0
"""How far steps move towards noise."""

WAN21 = Family(
    name="wan21",
    doc="Wan 2.1 and 2.2 (14B): videos by a transformer with UMT5 text, rectified flow, 480 and 720 lines.",
    recognise=lambda layout: latent_channels(layout) == CHANNELS,
    network=wan_blueprint,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LatentFormat(channels=CHANNELS, scale=1.0, mean=MEAN, deviation=DEVIATION, frames=FRAMES),
    native_size=832,
    inputs=wan_inputs,
    forward=wan_forward,
    text_type="wan",
)
