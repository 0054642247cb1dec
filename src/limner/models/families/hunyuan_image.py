"""HunyuanImage 2.1: pictures of 2048 px, 32 pixels an element, with Qwen's text and that of what is written in them.

Its distilled version has to be told where a step ends, and is refused.

Source: Tencent 2025, "HunyuanImage 2.1".
"""

from limner.models.family import Family
from limner.models.parts.hunyuan_image_pass import (
    EXACT,
    STILL,
    hunyuan_image_blueprint,
    hunyuan_image_forward,
    hunyuan_image_inputs,
    patch_sides,
)
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

CHANNELS, DOWNSCALE = 64, 32

SCALE = 0.75289
"""Of latents."""

SHIFT = 5.0
"""How far steps move towards noise."""

HUNYUAN_IMAGE = Family(
    name="hunyuan_image",
    doc="HunyuanImage 2.1: transformer with Qwen 2.5 VL and ByT5 text, rectified flow, 2048 px.",
    recognise=lambda layout: patch_sides(layout) == STILL,
    network=hunyuan_image_blueprint,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LatentFormat(channels=CHANNELS, downscale=DOWNSCALE, scale=SCALE),
    native_size=2048,
    inputs=hunyuan_image_inputs,
    forward=hunyuan_image_forward,
    exact=EXACT,
    wide=True,
)
