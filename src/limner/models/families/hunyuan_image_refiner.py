"""The refiner of HunyuanImage 2.1: draws a picture again that it sees under a little noise, 16 pixels an element.

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

CHANNELS, DOWNSCALE = 64, 16

SCALE = 1.03682
"""Of latents."""

SHIFT = 4.0
"""How far steps move towards noise."""

HUNYUAN_IMAGE_REFINER = Family(
    name="hunyuan_image_refiner",
    doc="Refiner of HunyuanImage 2.1: transformer with Qwen 2.5 VL text that sees the picture it refines.",
    recognise=lambda layout: patch_sides(layout) == STILL + 1,
    network=hunyuan_image_blueprint,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LatentFormat(channels=CHANNELS, downscale=DOWNSCALE, scale=SCALE),
    native_size=2048,
    inputs=hunyuan_image_inputs,
    forward=hunyuan_image_forward,
    text_type="hunyuan_image",
    exact=EXACT,
    wide=True,
)
