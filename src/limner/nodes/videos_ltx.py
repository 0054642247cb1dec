"""Videos of LTX-Video that begin with pictures, and pictures that look as if they came from a video."""

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Number, node
from limner.media.videos import MP4, VideoParts, read_video, write_video
from limner.nodes.autoencoding import present
from limner.nodes.latents_empty import Coarse, empty_video
from limner.nodes.sockets import CONDITIONING, IMAGE, LATENT, VAE
from limner.nodes.videos_wan import ANSWERS, CATEGORY, fitted
from limner.nodes.widgets import LARGEST_SIDE, BatchSize

STRIDE, DOWNSCALE, CHANNELS = 8, 32, 128
"""Frames and pixels an element, channels."""

LARGEST_CRF = 51
"""H.264's constant rate factor ends there."""

Frames9 = Annotated[int, Number(min=9, max=LARGEST_SIDE, step=8)]


@node(name="LTXVImgToVideo", title="LTXVImgToVideo", category=CATEGORY, outputs=ANSWERS)
def ltxv_img_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    image: IMAGE,
    width: Coarse = 768,
    height: Coarse = 512,
    length: Frames9 = 97,
    batch_size: BatchSize = 1,
    strength: Annotated[float, Number(min=0.0, max=1.0)] = 1.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """An empty video that begins with pictures, which stay at ``strength`` 1 and may change freely at 0."""
    samples = empty_video(batch_size, CHANNELS, length, STRIDE, (height, width), DOWNSCALE)["samples"]
    known = present(vae).encode(fitted(image, (width, height), length))
    free = torch.ones(1, 1, *samples.shape[2:])
    samples[:, :, : known.shape[2]], free[:, :, : known.shape[2]] = known, 1.0 - strength
    return positive, negative, {"samples": samples, "noise_mask": free}


@node(name="LTXVPreprocess", title="LTXVPreprocess", category="image", outputs=("output_image",))
def ltxv_preprocess(*, image: IMAGE, img_compression: Annotated[int, Number(min=0, max=100)] = 35) -> IMAGE:
    """Pictures as a video codec leaves them, for networks that move only what looks so; 0 changes nothing.

    Sides are cut to even numbers.
    """
    if img_compression == 0:
        return image
    return torch.cat([_compressed(picture[None], img_compression) for picture in image])


def _compressed(picture: Tensor, loss: int) -> Tensor:
    """A picture as the only frame of a video. Shapes: [1 h w 3]; Range: loss as H.264's constant rate factor."""
    file = BytesIO()
    write_video(VideoParts(picture, Fraction(1)), file, replace(MP4, options={"crf": str(min(loss, LARGEST_CRF))}), {})
    file.seek(0)
    return read_video(file).images
