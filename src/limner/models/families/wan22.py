"""Wan 2.2 with 5 billion weights: videos from text and pictures in a latent of 48 channels.

A first picture lies in the latent itself: the network sees it without noise, told that its time is 0.

Source: the report of Wan 2.1, and the code that Wan 2.2 was published with.
"""

from torch import Tensor

from limner.models.family import Family, InputRequest
from limner.models.parts.kept_frames import kept_inputs
from limner.models.parts.wan_latent import DEVIATION_22, FRAMES, MEAN_22
from limner.models.parts.wan_pass import latent_channels, wan_blueprint, wan_forward, wan_inputs
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

CHANNELS = 48

SHIFT = 8.0
"""How far steps move towards noise."""


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    return wan_inputs(request) | kept_inputs(request)


WAN22 = Family(
    name="wan22",
    doc="Wan 2.2 (5B): videos by a transformer with UMT5 text, rectified flow, 704 lines.",
    recognise=lambda layout: latent_channels(layout) == CHANNELS,
    network=wan_blueprint,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LatentFormat(
        channels=CHANNELS, downscale=16, scale=1.0, mean=MEAN_22, deviation=DEVIATION_22, frames=FRAMES
    ),
    native_size=1280,
    inputs=_inputs,
    forward=wan_forward,
    text_type="wan",
)
