"""Neighbourhood filters: blur, sharpening, edges, morphology, reduced palettes."""

from collections.abc import Callable
from typing import Annotated

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Choice, Number, node
from limner.media.pictures import to_bytes
from limner.nodes.sockets import IMAGE

Radius = Annotated[int, Number(min=1, max=31, step=1)]

SHARPENING = 10.0
"""Weight of the detail (image minus blur) at alpha 1."""


def gaussian_kernel(size: int, sigma: float) -> Tensor:
    """A bell over a grid that spans -1..1, summing to 1. Shapes: returns [size size]. Units: sigma in half widths."""
    axis = torch.linspace(-1, 1, size)
    squares = axis[:, None] ** 2 + axis[None, :] ** 2
    bell = torch.exp(-squares / (2.0 * sigma * sigma))
    return bell / bell.sum()


def convolve(image: Tensor, kernel: Tensor) -> Tensor:
    """Each channel filtered, with mirrored borders. Shapes: image [b h w c], kernel [k k] with k odd."""
    radius, channels = kernel.shape[0] // 2, image.shape[-1]
    planes = functional.pad(image.movedim(-1, 1), (radius,) * 4, mode="reflect")
    weights = kernel.expand(channels, 1, -1, -1).contiguous()
    return functional.conv2d(planes, weights, groups=channels).movedim(1, -1)


@node(name="ImageBlur", title="ImageBlur", category="image/postprocessing")
def image_blur(
    *,
    image: IMAGE,
    blur_radius: Radius = 1,
    sigma: Annotated[float, Number(min=0.1, max=10.0, step=0.1)] = 1.0,
) -> IMAGE:
    """A Gaussian blur. Sigma counts in radii: 1 is a bell whose standard deviation is the radius."""
    return convolve(image, gaussian_kernel(2 * blur_radius + 1, sigma))


@node(name="ImageSharpen", title="ImageSharpen", category="image/postprocessing")
def image_sharpen(
    *,
    image: IMAGE,
    sharpen_radius: Radius = 1,
    sigma: Annotated[float, Number(min=0.1, max=10.0, step=0.01)] = 1.0,
    alpha: Annotated[float, Number(min=0.0, max=5.0, step=0.01)] = 1.0,
) -> IMAGE:
    """Unsharp masking: adds ten times alpha of what a blur takes away."""
    kernel = -SHARPENING * alpha * gaussian_kernel(2 * sharpen_radius + 1, sigma)
    centre = kernel[sharpen_radius, sharpen_radius]
    # in this order the rounded weights sum to 1, and flat areas keep their 8-bit value
    kernel[sharpen_radius, sharpen_radius] = centre - kernel.sum() + 1.0
    return convolve(image, kernel).clamp(0, 1)


def _dilate(planes: Tensor, size: int) -> Tensor:
    """The largest neighbour in a square. Shapes: [b c h w]."""
    before, after = size // 2, size - 1 - size // 2
    padded = functional.pad(planes, (before, after, before, after), value=-torch.inf)
    return functional.max_pool2d(padded, size, stride=1)


def _erode(planes: Tensor, size: int) -> Tensor:
    """The smallest neighbour in a square. Shapes: [b c h w]."""
    return -_dilate(-planes, size)


OPERATIONS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "erode": _erode,
    "dilate": _dilate,
    "open": lambda planes, size: _dilate(_erode(planes, size), size),
    "close": lambda planes, size: _erode(_dilate(planes, size), size),
    "gradient": lambda planes, size: _dilate(planes, size) - _erode(planes, size),
    "bottom_hat": lambda planes, size: _erode(_dilate(planes, size), size) - planes,
    "top_hat": lambda planes, size: planes - _dilate(_erode(planes, size), size),
}


@node(name="Morphology", title="ImageMorphology", category="image/postprocessing")
def morphology(
    *,
    image: IMAGE,
    operation: Annotated[str, Choice(*OPERATIONS)],
    kernel_size: Annotated[int, Number(min=3, max=999, step=1)] = 3,
) -> IMAGE:
    """Grey-value morphology with a square, on every channel. Source: Serra 1982."""
    return OPERATIONS[operation](image.movedim(-1, 1), kernel_size).movedim(1, -1)


def _bayer(order: int) -> np.ndarray:
    """The ordered-dither matrix of a power of two, values in -0.5..0.5. Source: Bayer 1973."""
    matrix = np.zeros((1, 1))
    while matrix.shape[0] < order:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return (matrix + 0.5) / order**2 - 0.5


def _quantized(pixels: np.ndarray, colors: int, dither: str) -> np.ndarray:
    """One picture with a palette of its own. Shapes: uint8 [h w 3]."""
    picture = Image.fromarray(pixels)
    palette = picture.quantize(colors=colors)
    if dither.startswith("bayer"):
        order = int(dither.split("-")[1])
        height, width = pixels.shape[:2]
        tiles = np.tile(_bayer(order), (-(-height // order), -(-width // order)))[:height, :width, None]
        spread = 2 * 255 / max(1, len(palette.getpalette() or ()) // 3)
        picture = Image.fromarray((pixels + spread * tiles).clip(0, 255).astype(np.uint8))
    method = Image.Dither.FLOYDSTEINBERG if dither == "floyd-steinberg" else Image.Dither.NONE
    return np.asarray(picture.quantize(colors=colors, palette=palette, dither=method).convert("RGB"))


@node(name="ImageQuantize", title="ImageQuantize", category="image/postprocessing")
def image_quantize(
    *,
    image: IMAGE,
    colors: Annotated[int, Number(min=1, max=256, step=1)] = 256,
    dither: Annotated[str, Choice("none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16")],
) -> IMAGE:
    """Images with few colours (median cut), with error diffusion or an ordered pattern between them if wanted."""
    frames = [_quantized(to_bytes(frame[..., :3]), colors, dither) for frame in image]
    return torch.from_numpy(np.stack(frames).astype(np.float32) / 255.0)
