"""Resizing of images, masks and latents by the methods that workflows name.

Everything here works on [b c h w]. Networks that upscale are models and do not belong here.
"""

import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from limner.graph.errors import NumericsError

INTERPOLATED = ("nearest-exact", "bilinear", "area", "bicubic")
IMAGE_METHODS = (*INTERPOLATED, "lanczos")
LATENT_METHODS = (*INTERPOLATED, "bislerp")
CROPS = ("disabled", "center")


def resize(samples: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Samples at another size.

    Args:
        samples: [b c h w].
        width: New width, at least 1.
        height: New height, at least 1.
        method: One of IMAGE_METHODS or LATENT_METHODS.
        crop: ``center`` first cuts the source to the target's aspect ratio, equally from both sides.

    Returns:
        [b c height width].

    Raises:
        NumericsError: for an unknown method, or samples that are not [b c h w].
    """
    if samples.ndim != 4:
        raise NumericsError(f"Resizing needs samples [b c h w]; these have shape {list(samples.shape)}.")
    source = crop_to_aspect(samples, width, height) if crop == "center" else samples
    if method == "bislerp":
        return bislerp(source, width, height)
    if method == "lanczos":
        return lanczos(source, width, height)
    if method not in INTERPOLATED:
        raise NumericsError(f"Resizing knows {', '.join({*IMAGE_METHODS, *LATENT_METHODS})}; not {method!r}.")
    return functional.interpolate(source, size=(height, width), mode=method)


def crop_to_aspect(samples: Tensor, width: int, height: int) -> Tensor:
    """The middle of the samples that has the aspect ratio of width x height. Shapes: [b c h w]."""
    old_height, old_width = samples.shape[-2:]
    old_aspect, new_aspect = old_width / old_height, width / height
    left = top = 0
    if old_aspect > new_aspect:
        left = round((old_width - old_width * (new_aspect / old_aspect)) / 2)
    elif old_aspect < new_aspect:
        top = round((old_height - old_height * (old_aspect / new_aspect)) / 2)
    return samples[..., top : old_height - top, left : old_width - left]


def resize_images(images: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Images at another size. Shapes: images [b h w c]; returns [b height width c]."""
    return resize(images.movedim(-1, 1), width, height, method, crop).movedim(1, -1)


def resize_masks(masks: Tensor, width: int, height: int) -> Tensor:
    """Masks at another size, bilinear and soft. Shapes: [b h w] or [h w]; returns [b height width]."""
    stacked = masks.reshape(-1, 1, *masks.shape[-2:])
    return functional.interpolate(stacked, size=(height, width), mode="bilinear")[:, 0]


def lanczos(samples: Tensor, width: int, height: int) -> Tensor:
    """Windowed sinc in 8 bits per channel, as Pillow computes it. Shapes: [b c h w], values in 0..1."""
    frames = []
    for sample in samples:
        pixels = (255.0 * sample.movedim(0, -1)).clamp(0, 255).to(torch.uint8).cpu().numpy()
        frames.append(torch.from_numpy(_lanczos(pixels, (width, height)).astype(np.float32) / 255.0).movedim(-1, 0))
    return torch.stack(frames).to(samples.device, samples.dtype)


def _lanczos(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """One picture [h w c] of 8 bits at another size."""
    if pixels.shape[-1] in (3, 4):
        return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    planes = [Image.fromarray(pixels[..., channel]) for channel in range(pixels.shape[-1])]
    return np.stack([np.asarray(plane.resize(size, Image.Resampling.LANCZOS)) for plane in planes], axis=-1)


def bislerp(samples: Tensor, width: int, height: int) -> Tensor:
    """Spherical interpolation of the channel vectors between neighbours, along x and then along y.

    Keeps the norm of vectors that a plain mean would shorten, which matters for latents. Shapes: [b c h w].
    """
    across = _slerp_columns(samples.float(), width)
    return _slerp_columns(across.transpose(-1, -2), height).transpose(-1, -2).to(samples.dtype)


def _slerp_columns(samples: Tensor, width: int) -> Tensor:
    """Interpolates along the last axis to a new length. Shapes: [b c h w]; returns [b c h width]."""
    length = samples.shape[-1]
    place = (torch.arange(width, device=samples.device, dtype=torch.float32) + 0.5) * (length / width) - 0.5
    place = place.clamp(0, length - 1)
    low = place.floor().long()
    high = (low + 1).clamp(max=length - 1)
    return slerp(samples[..., low], samples[..., high], place - low)


def slerp(first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
    """The point on the arc between two fields of vectors; norms are interpolated linearly.

    Vectors that point the same way are taken as they are, opposite ones are mixed linearly, as no arc is given.

    Shapes: first, second [b c h w] with vectors along c; weight broadcasts to [b 1 h w], 0 gives first.
    Source: Shoemake 1985.
    """
    norms = [field.norm(dim=1, keepdim=True) for field in (first, second)]
    units = [torch.nan_to_num(field / norm) for field, norm in zip((first, second), norms, strict=True)]
    cosine = (units[0] * units[1]).sum(dim=1, keepdim=True)
    angle = cosine.clamp(-1, 1).acos()
    sine = angle.sin().clamp(min=1e-12)
    arc = ((1 - weight) * angle).sin() / sine * units[0] + (weight * angle).sin() / sine * units[1]
    mixed = arc * (norms[0] * (1 - weight) + norms[1] * weight)
    mixed = torch.where(cosine > 1 - 1e-5, first, mixed)
    return torch.where(cosine < 1e-5 - 1, first * (1 - weight) + second * weight, mixed)


def kept_aspect(width: int, height: int, old_width: int, old_height: int, smallest: int = 1) -> tuple[int, int]:
    """A wanted size in which 0 means: as the aspect ratio of the old size says.

    Args:
        width: Wanted width or 0.
        height: Wanted height or 0; at most one of the two is 0.
        old_width: Width now.
        old_height: Height now.
        smallest: Lower limit of both.
    """
    if width == 0:
        width = round(old_width * height / old_height)
    elif height == 0:
        height = round(old_height * width / old_width)
    return max(smallest, width), max(smallest, height)


def scale_to_pixels(width: int, height: int, pixels: int) -> tuple[int, int]:
    """A size of about so many pixels in all, with the same aspect ratio."""
    factor = math.sqrt(pixels / (width * height))
    return round(width * factor), round(height * factor)
