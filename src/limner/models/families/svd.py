"""Stable Video Diffusion: a picture that begins to move.

The frames of a video are a batch of latents, which the network sees as a whole. Text is what CLIP sees in the picture.

Source: Blattmann et al. 2023, "Stable Video Diffusion: scaling latent video diffusion models to large datasets".
"""

from limner.models.family import Family
from limner.models.parts.video_unet import (
    EXACT,
    find_video_unet,
    video_unet_blueprint,
    video_unet_forward,
    video_unet_inputs,
)
from limner.sampling.continuous import ContinuousParametrization, read_velocity
from limner.sampling.denoiser import LatentFormat

SIGMA_MIN, SIGMA_MAX = 0.002, 700.0

SVD = Family(
    name="svd",
    doc="Stable Video Diffusion: 14 or 25 frames from one picture, predicts velocities, 1024 x 576 px.",
    recognise=lambda layout: find_video_unet(layout) is not None,
    network=video_unet_blueprint,
    parametrization=lambda layout: ContinuousParametrization(read_velocity, SIGMA_MIN, SIGMA_MAX),
    latent_format=LatentFormat(
        scale=0.18215,
        # Rough, as for Stable Diffusion 1, whose encoder it shares.
        rgb=((0.3, 0.2, 0.3), (0.3, 0.5, 0.2), (-0.3, 0.2, 0.3), (-0.2, -0.3, -0.7)),
        together=True,
    ),
    native_size=1024,
    inputs=video_unet_inputs,
    forward=video_unet_forward,
    exact=EXACT,
)
