"""Several images in one value."""

from typing import Annotated

import torch
from torch.nn import functional

from limner.graph.declare import Number, node
from limner.media.resize import resize_images
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import BatchSize, Colour, Side


@node(name="EmptyImage", title="EmptyImage", category="image")
def empty_image(*, width: Side = 512, height: Side = 512, batch_size: BatchSize = 1, color: Colour = 0) -> IMAGE:
    """Images of one colour, given as 24-bit number 0xRRGGBB."""
    channels = [(color >> shift & 0xFF) / 0xFF for shift in (16, 8, 0)]
    return torch.tensor(channels, dtype=torch.float32).expand(batch_size, height, width, 3).clone()


@node(name="ImageBatch", title="Batch Images", category="image")
def image_batch(*, image1: IMAGE, image2: IMAGE) -> IMAGE:
    """The images of both batches. The second ones get the size of the first; lacking transparency is filled opaque."""
    if image1.shape[1:3] != image2.shape[1:3]:
        image2 = resize_images(image2, image1.shape[2], image1.shape[1], "bilinear", "center")
    channels = max(image1.shape[-1], image2.shape[-1])
    return torch.cat([with_channels(image, channels) for image in (image1, image2)])


@node(name="RepeatImageBatch", title="RepeatImageBatch", category="image/batch")
def repeat_image_batch(*, image: IMAGE, amount: BatchSize = 1) -> IMAGE:
    """The whole batch several times over."""
    return image.repeat(amount, 1, 1, 1)


@node(name="ImageFromBatch", title="ImageFromBatch", category="image/batch")
def image_from_batch(
    *,
    image: IMAGE,
    batch_index: Annotated[int, Number(min=0, max=4095)] = 0,
    length: BatchSize = 1,
) -> IMAGE:
    """A stretch of a batch, from ``batch_index`` on. Both numbers are limited to what there is."""
    start = min(image.shape[0] - 1, batch_index)
    return image[start : start + length].clone()


def with_channels(image: torch.Tensor, channels: int) -> torch.Tensor:
    """Images with further channels of ones, if they have fewer. Shapes: [b h w c]."""
    return functional.pad(image, (0, channels - image.shape[-1]), value=1.0)
