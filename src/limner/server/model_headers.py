"""Reads what safetensors files say about themselves, without their tensors."""

import base64
import binascii
import json
import struct
from collections.abc import Mapping
from pathlib import Path

import msgspec

LARGEST_HEADER = 64 << 20
"""Bytes; thumbnails make headers large, but none is larger."""

THUMBNAIL, COVERS = "modelspec.thumbnail", "ssmd_cover_images"
"""Keys of pictures: a data URI, and a JSON list of base64 texts."""


class _Header(msgspec.Struct):
    metadata: dict[str, str] | None = msgspec.field(default=None, name="__metadata__")


def read_metadata(path: Path) -> dict[str, str] | None:
    """The metadata in the header of a safetensors file; None if there is none, or it is no such file.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(8)
        if len(start) < 8:
            return None
        (size,) = struct.unpack("<Q", start)
        if size > LARGEST_HEADER:
            return None
        header = file.read(size)
    try:
        return msgspec.json.decode(header, type=_Header).metadata
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def thumbnail(metadata: Mapping[str, str]) -> bytes | None:
    """The bytes of the picture that metadata holds; None if it holds none."""
    text = metadata.get(THUMBNAIL)
    if text is None and COVERS in metadata:
        text = _first(metadata[COVERS])
    if not text:
        return None
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return None


def _first(text: str) -> str | None:
    try:
        covers = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return covers[0] if isinstance(covers, list) and covers and isinstance(covers[0], str) else None
