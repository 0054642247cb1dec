"""Images fitted into limits: a longest side, a frame, the sizes that a network was trained at."""

from typing import Annotated

import torch

from limner.graph.declare import Choice, Number, node
from limner.media.resize import resize_images
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import LARGEST_SIDE, Side

KONTEXT_SIDES = (672, 688, 720, 752, 800, 832, 880, 944, 1024, 1104, 1184, 1248, 1328, 1392, 1456, 1504, 1568)
"""Widths of the pictures that Flux Kontext was trained at; their heights are the same list backwards."""


@node(name="ImageScaleToMaxDimension", title="ImageScaleToMaxDimension", category="image/upscaling")
def image_scale_to_max_dimension(
    *,
    image: IMAGE,
    upscale_method: Annotated[str, Choice("area", "lanczos", "bilinear", "nearest-exact", "bilinear", "bicubic")],
    largest_size: Annotated[int, Number(min=0, max=LARGEST_SIDE, step=1)] = 512,
) -> IMAGE:
    """Images whose longer side has a given length, in their own aspect ratio; 0 changes nothing."""
    if largest_size == 0:
        return image
    height, width = image.shape[1:3]
    longest = max(height, width)
    size = [max(1, round(side / longest * largest_size)) for side in (width, height)]
    return resize_images(image, size[0], size[1], upscale_method)


@node(name="ResizeAndPadImage", title="ResizeAndPadImage", category="image/transform")
def resize_and_pad_image(
    *,
    image: IMAGE,
    target_width: Side = 512,
    target_height: Side = 512,
    padding_color: Annotated[str, Choice("white", "black")],
    interpolation: Annotated[str, Choice("area", "bicubic", "nearest-exact", "bilinear", "lanczos")],
) -> IMAGE:
    """Images as large as a frame allows in their own aspect ratio, with a white or black border around them."""
    count, height, width, channels = image.shape
    scale = min(target_width / width, target_height / height)
    columns, rows = max(1, int(width * scale)), max(1, int(height * scale))
    padded = torch.full((count, target_height, target_width, channels), 1.0 if padding_color == "white" else 0.0)
    top, left = (target_height - rows) // 2, (target_width - columns) // 2
    padded[:, top : top + rows, left : left + columns] = resize_images(image, columns, rows, interpolation)
    return padded


@node(name="FluxKontextImageScale", title="FluxKontextImageScale", category="advanced/conditioning/flux")
def flux_kontext_image_scale(*, image: IMAGE) -> IMAGE:
    """Images at the size of nearest aspect ratio that Flux Kontext was trained at; what does not fit is cut off."""
    wanted = image.shape[2] / image.shape[1]
    sizes = zip(KONTEXT_SIDES, reversed(KONTEXT_SIDES), strict=True)
    _, width, height = min((abs(wanted - width / height), width, height) for width, height in sizes)
    return resize_images(image, width, height, "lanczos", "center")
