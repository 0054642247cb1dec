"""Pictures on disk as tensors and back: images float32 [b h w 3] in 0..1, masks float32 [b h w] with 1 = masked."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image, ImageOps, ImageSequence
from torch import Tensor

from limner.graph.errors import NumericsError, StorageError

MOST_PIXELS = 16384 * 16384
"""Pixels that one file may unpack to, over all frames; a small file can claim to hold terabytes."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "ICO", "PPM", "TGA", "PSD", "JPEG2000", "QOI")
"""Formats that are read. Pillow knows more, but some of them run other programs (EPS) or have few eyes on them."""

UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)
"""What Pillow raises on damaged or hostile files."""

NO_MASK_SIDE = 64
"""Side of the empty mask of a picture without transparency, as workflows expect it."""


@dataclass(frozen=True)
class Picture:
    """A decoded file: images [b h w 3], masks [b h w] (or [1 64 64] zeros if nothing is transparent)."""

    images: Tensor
    masks: Tensor


def read_picture(path: Path) -> Picture:
    """The frames of a picture file.

    The orientation that a camera noted is applied; frames of another size than the first are left out; of a
    multi-picture JPEG only the first is taken. 16-bit grey is brought to 8 bits.

    Raises:
        StorageError: if there is no such file, or it is damaged, no picture, or larger than MOST_PIXELS.
    """
    return _picture(path.name, _frames(path))


def decode_picture(content: bytes, name: str) -> Picture:
    """The frames of a picture file that is not on the disk; ``name`` is for messages.

    Raises:
        StorageError: see read_picture.
    """
    return _picture(name, _readable(name, io.BytesIO(content)))


def _picture(name: str, frames: Iterator[Image.Image]) -> Picture:
    images: list[Tensor] = []
    masks: list[Tensor] = []
    for frame in frames:
        colours = frame.convert("RGB")
        if images and (colours.height, colours.width) != images[0].shape[1:3]:
            continue
        images.append(_plane(colours)[None])
        masks.append(_transparency(frame)[None])
    if not images:
        raise StorageError(f"{name} holds no frame. Save it again in an image program.")
    return Picture(torch.cat(images), torch.cat(masks) if _alike(masks) else masks[0])


def read_channel(path: Path, channel: str) -> Tensor:
    """One channel of a picture's first frame as a mask [1 h w]; zeros [1 64 64] if it has no such channel.

    Args:
        path: The file.
        channel: ``alpha`` (inverted, as 1 means masked), ``red``, ``green`` or ``blue``.

    Raises:
        StorageError: see read_picture.
    """
    frame = next(_frames(path), None)
    if frame is None:
        raise StorageError(f"{path.name} holds no frame. Save it again in an image program.")
    if frame.getbands() != ("R", "G", "B", "A"):
        frame = frame.convert("RGBA" if _is_transparent(frame) or frame.mode != "RGB" else "RGB")
    letter = channel[0].upper()
    if letter not in frame.getbands():
        return torch.zeros(1, NO_MASK_SIDE, NO_MASK_SIDE)
    plane = _plane(frame.getchannel(letter))[None]
    return 1.0 - plane if letter == "A" else plane


def to_bytes(image: Tensor) -> np.ndarray:
    """An image as 8-bit pixels, fractions cut off.

    Shapes: image [h w c] in 0..1, values outside are clipped; returns uint8 [h w c].

    Raises:
        NumericsError: if the image holds NaN.
    """
    scaled = (255.0 * image.detach().cpu().float()).clamp(0, 255)
    if bool(torch.isnan(scaled).any()):
        raise NumericsError(
            "The picture holds values that are no numbers (NaN). Often the autoencoder overflowed in half precision: "
            "run it in float32, or use another VAE file."
        )
    return scaled.to(torch.uint8).numpy()


def _frames(path: Path) -> Iterator[Image.Image]:
    """Upright frames, decoded one after the other."""
    if not path.is_file():
        raise StorageError(f"There is no picture {path.name}. Upload it, or put it into {path.parent}.")
    yield from _readable(path.name, path)


def _readable(name: str, source: Path | BinaryIO) -> Iterator[Image.Image]:
    try:
        yield from _decoded(name, source)
    except UNREADABLE as error:
        message = f"{name} cannot be read as a picture: {error}. Save it again as PNG or JPEG, or upload it again."
        raise StorageError(message) from error


def _decoded(name: str, source: Path | BinaryIO) -> Iterator[Image.Image]:
    with Image.open(source, formats=FORMATS) as picture:
        _check_size(name, picture)
        for frame in ImageSequence.Iterator(picture):
            yield ImageOps.exif_transpose(_eight_bits(frame))
            if picture.format == "MPO":
                return


def _check_size(name: str, picture: Image.Image) -> None:
    frames = getattr(picture, "n_frames", 1)
    pixels = picture.width * picture.height * frames
    if pixels > MOST_PIXELS:
        raise StorageError(
            f"{name} unpacks to {picture.width} x {picture.height} pixels in {frames} frames; at most "
            f"{MOST_PIXELS:,} pixels are read. Make it smaller first."
        )


def _eight_bits(frame: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits brought to 8: divided by 255, as workflows expect, and clipped."""
    if frame.mode != "I" and not frame.mode.startswith("I;16"):
        return frame
    values = np.asarray(frame).astype(np.int64)
    reduced = Image.fromarray((values // 255).clip(0, 255).astype(np.uint8))
    reduced.info = {key: value for key, value in frame.info.items() if key != "transparency"}
    return reduced


def _plane(frame: Image.Image) -> Tensor:
    """8-bit pixels as float32 in 0..1. Shapes: [h w] or [h w c]."""
    return torch.from_numpy(np.array(frame).astype(np.float32) / 255.0)


def _is_transparent(frame: Image.Image) -> bool:
    return "A" in frame.getbands() or (frame.mode == "P" and "transparency" in frame.info)


def _transparency(frame: Image.Image) -> Tensor:
    """1 where a frame is transparent. Shapes: returns [h w], or zeros [64 64] without transparency."""
    if not _is_transparent(frame):
        return torch.zeros(NO_MASK_SIDE, NO_MASK_SIDE)
    alpha = frame.getchannel("A") if "A" in frame.getbands() else frame.convert("RGBA").getchannel("A")
    return 1.0 - _plane(alpha)


def _alike(planes: list[Tensor]) -> bool:
    return all(plane.shape == planes[0].shape for plane in planes)
