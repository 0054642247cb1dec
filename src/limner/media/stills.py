"""Still pictures as JPEG and WEBP files, with workflows inside."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from limner.media.exif_documents import write_documents

LARGEST_EXIF = 65_000
"""Bytes: a JPEG file's segment holds no more than 65,533 of them."""
EFFORT = 4
"""Of WEBP files, of 6."""


def encode_jpeg(pixels: np.ndarray, quality: int, documents: Mapping[str, Any]) -> bytes:
    """A picture as JPEG; what is transparent is left out.

    What was run is written if there is room for it, and the workflow if there is room for both.

    Args:
        pixels: uint8 [h w 1..4].
        quality: Range: 1 to 100.
        documents: JSON values by keyword.
    """
    picture = _picture(pixels).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, exif=_fitting(documents), subsampling=0 if quality > 90 else 2)
    return file.getvalue()


def encode_still_webp(pixels: np.ndarray, quality: int, documents: Mapping[str, Any]) -> bytes:
    """A picture as WEBP; a quality of 100 keeps every pixel.

    Args:
        pixels: uint8 [h w 1..4].
        quality: Range: 1 to 100.
        documents: JSON values by keyword.
    """
    file = io.BytesIO()
    exif = _exif(documents)
    _picture(pixels).save(file, "WEBP", quality=quality, lossless=quality == 100, method=EFFORT, exif=exif)
    return file.getvalue()


def _picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def _fitting(documents: Mapping[str, Any]) -> bytes:
    """The EXIF block of all documents, of what was run alone, or an empty one: the first that fits."""
    alone = {key: document for key, document in documents.items() if key == "prompt"}
    blocks = (_exif(documents), _exif(alone), b"")
    return next(block for block in blocks if len(block) < LARGEST_EXIF)


def _exif(documents: Mapping[str, Any]) -> bytes:
    """Documents under the tags that readers of ComfyUI's files look into."""
    exif = Image.Exif()
    write_documents(exif, documents)
    return exif.tobytes() if documents else b""
