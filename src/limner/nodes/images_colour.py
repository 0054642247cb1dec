"""Brightness and colour apart from each other, and noise on pictures."""

import torch

from limner.graph.declare import node
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import Seed, Share
from limner.sampling.noise import generator

RED, GREEN, BLUE = 0.299, 0.587, 0.114
"""Weights of brightness. Source: ITU-R BT.601."""
BLUE_SCALE, RED_SCALE, MIDDLE = 0.564, 0.713, 0.5
RED_BACK, BLUE_BACK = 1.403, 1.773
GREEN_FROM_RED, GREEN_FROM_BLUE = 0.714, 0.344


@node(name="ImageRGBToYUV", title="ImageRGBToYUV", category="image/batch", outputs=("Y", "U", "V"))
def image_rgb_to_yuv(*, image: IMAGE) -> tuple[IMAGE, IMAGE, IMAGE]:
    """Brightness, and how much bluer and redder than it a picture is; each as a grey picture.

    Source: ITU-R BT.601, full range.
    """
    red, green, blue = image[..., 0:1], image[..., 1:2], image[..., 2:3]
    bright = RED * red + GREEN * green + BLUE * blue
    parts = (bright, (blue - bright) * BLUE_SCALE + MIDDLE, (red - bright) * RED_SCALE + MIDDLE)
    first, second, third = (part.expand(*part.shape[:-1], 3).clone() for part in parts)
    return first, second, third


@node(name="ImageYUVToRGB", title="ImageYUVToRGB", category="image/batch")
def image_yuv_to_rgb(
    *,
    Y: IMAGE,  # noqa: N803 - names of saved workflows
    U: IMAGE,  # noqa: N803
    V: IMAGE,  # noqa: N803
) -> IMAGE:
    """The picture that brightness and two colour parts make; of each the mean of its channels counts."""
    bright, bluer, redder = (part.mean(dim=-1, keepdim=True) for part in (Y, U, V))
    bluer, redder = bluer - MIDDLE, redder - MIDDLE
    green = bright - GREEN_FROM_RED * redder - GREEN_FROM_BLUE * bluer
    return torch.cat([bright + RED_BACK * redder, green, bright + BLUE_BACK * bluer], dim=-1)


@node(name="ImageAddNoise", title="ImageAddNoise", category="image")
def image_add_noise(*, image: IMAGE, seed: Seed = 0, strength: Share = 0.5) -> IMAGE:
    """Pictures under Gaussian noise; transparency stays as it is."""
    noise = torch.randn(image.shape, generator=generator(seed))
    noisy = (image + strength * noise).clamp(0.0, 1.0)
    return torch.cat([noisy[..., :3], image[..., 3:]], dim=-1)
