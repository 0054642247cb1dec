"""Cosmos' videos that begin with pictures, end with some, or both: known frames lie in the latent itself."""

from typing import Any

import torch
from torch import Tensor

from limner.graph.declare import node
from limner.nodes.autoencoding import present
from limner.nodes.latents_empty import Frames4, Frames8, Wide, empty_video
from limner.nodes.sockets import LATENT, VAE
from limner.nodes.videos_wan_frames import Pictures, fitted
from limner.nodes.widgets import BatchSize

CATEGORY = "conditioning/inpaint"
CHANNELS, DOWNSCALE = 16, 8
FIRST, SECOND = 8, 4
"""Frames an element: of Cosmos' own autoencoder, and of Wan 2.1's, which Predict 2 has."""


@node(name="CosmosImageToVideoLatent", title="CosmosImageToVideoLatent", category=CATEGORY)
def cosmos_image_to_video_latent(
    *,
    vae: VAE,
    width: Wide = 1280,
    height: Wide = 704,
    length: Frames8 = 121,
    batch_size: BatchSize = 1,
    start_image: Pictures = None,
    end_image: Pictures = None,
) -> LATENT:
    """A video for Cosmos whose first or last pictures are known and stay. Of a batch every picture is a frame."""
    return _between(vae, (width, height), length, FIRST, batch_size, start_image, end_image)


@node(name="CosmosPredict2ImageToVideoLatent", title="CosmosPredict2ImageToVideoLatent", category=CATEGORY)
def cosmos_predict2_image_to_video_latent(
    *,
    vae: VAE,
    width: Wide = 848,
    height: Wide = 480,
    length: Frames4 = 93,
    batch_size: BatchSize = 1,
    start_image: Pictures = None,
    end_image: Pictures = None,
) -> LATENT:
    """The same for Cosmos Predict 2."""
    return _between(vae, (width, height), length, SECOND, batch_size, start_image, end_image)


def _between(
    vae: Any,
    size: tuple[int, int],
    length: int,
    stride: int,
    batch: int,
    start: Tensor | None,
    end: Tensor | None,
) -> LATENT:
    """An empty latent, or one with known elements and a mask that keeps them."""
    latent = empty_video(batch, CHANNELS, length, stride, (size[1], size[0]), DOWNSCALE)
    if start is None and end is None:
        return latent
    samples = latent["samples"]
    free = torch.ones(batch, 1, *samples.shape[2:])
    if start is not None:
        known = _encoded(vae, start[:length], size, stride)
        samples[:, :, : known.shape[2]], free[:, :, : known.shape[2]] = known, 0.0
    if end is not None:
        known = _encoded(vae, end[-length:], size, stride)
        samples[:, :, -known.shape[2] :], free[:, :, -known.shape[2] :] = known, 0.0
    return {"samples": samples, "noise_mask": free}


def _encoded(vae: Any, pictures: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """The latent of as many pictures as fill whole elements."""
    return present(vae).encode(fitted(pictures, size, (len(pictures) - 1) // stride * stride + 1))
