"""Moving pictures as APNG, WEBP and GIF files, and workflows inside SVG files."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from limner.graph.errors import NumericsError
from limner.media.exif_documents import write_documents

METADATA_CHUNK = b"comf"
"""PNG chunk that holds ``key NUL json`` in animations; readers of ComfyUI's files look for it."""
EFFORT = {"default": 4, "fastest": 0, "slowest": 6}
"""WEBP effort by the name that nodes give it."""

_ROOT = re.compile(r"<svg\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(/?)>", re.IGNORECASE)


def milliseconds(fps: float) -> int:
    """How long a frame is shown."""
    return int(1000.0 / fps)


def encode_apng(frames: Sequence[np.ndarray], fps: float, level: int, documents: Mapping[str, Any]) -> bytes:
    """Frames as an animated PNG with documents inside.

    Args:
        frames: uint8 [h w 1..4] each.
        fps: Frames a second.
        level: Compression. Range: 0 to 9.
        documents: JSON values by keyword.
    """
    info = PngInfo()
    for key, document in documents.items():
        text = json.dumps(document)
        info.add(METADATA_CHUNK, f"{key}\0{text}".encode("latin-1", "replace"), after_idat=True)
    first, *others = _pictures(frames)
    file = io.BytesIO()
    first.save(
        file,
        "PNG",
        pnginfo=info,
        compress_level=level,
        save_all=True,
        duration=milliseconds(fps),
        append_images=others,
    )
    return file.getvalue()


def encode_webp(
    frames: Sequence[np.ndarray], fps: float, *, lossless: bool, quality: int, effort: int, documents: Mapping[str, Any]
) -> bytes:
    """Frames as an animated WEBP with documents inside.

    Args:
        frames: uint8 [h w 1..4] each.
        fps: Frames a second.
        lossless: Whether every pixel is kept.
        quality: Range: 0 to 100; of a lossless file how hard to try.
        effort: Range: 0 to 6.
        documents: JSON values by keyword.
    """
    first, *others = _pictures(frames)
    exif = first.getexif()
    write_documents(exif, documents)
    file = io.BytesIO()
    first.save(
        file,
        "WEBP",
        save_all=True,
        duration=milliseconds(fps),
        append_images=others,
        exif=exif,
        lossless=lossless,
        quality=quality,
        method=effort,
    )
    return file.getvalue()


def encode_gif(frames: Sequence[np.ndarray], fps: float, documents: Mapping[str, Any]) -> bytes:
    """Frames as a GIF that plays for ever, with documents as one JSON object in its comment.

    Args:
        frames: uint8 [h w 1..4] each.
        fps: Frames a second; the format counts hundredths of a second.
        documents: JSON values by keyword.
    """
    first, *others = _pictures(frames)
    comment = json.dumps(documents).encode() if documents else b""
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, duration=milliseconds(fps), append_images=others, loop=0, comment=comment)
    return file.getvalue()


def _pictures(frames: Sequence[np.ndarray]) -> list[Image.Image]:
    """Frames as Pillow knows them.

    Raises:
        NumericsError: if there is none.
    """
    if not len(frames):
        raise NumericsError("There is no frame to save: the batch is empty.")
    return [Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame) for frame in frames]


def with_documents(svg: str, documents: Mapping[str, Any]) -> str:
    """A drawing with documents in its metadata; unchanged if it has no root or there is nothing to put in."""
    root = _ROOT.search(svg)
    if root is None or not documents:
        return svg
    text = json.dumps(dict(documents)).replace("]]>", "]]\\u003e")
    metadata = f"<metadata><![CDATA[{text}]]></metadata>"
    if root[1]:
        return f"{svg[: root.start(1)]}>{metadata}</svg>{svg[root.end() :]}"
    return f"{svg[: root.end()]}{metadata}{svg[root.end() :]}"
