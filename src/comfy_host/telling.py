"""Progress and previews of node packs, told as our nodes tell theirs."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

from comfy_host import context
from limner.graph.progress import Preview

QUALITY = 95


def report(value: float, total: float, preview: Any = None) -> None:
    """Tells the progress of the step that this thread is in.

    Args:
        value: How far it is.
        total: How far it will go.
        preview: None, or (format, picture, longest side or None) with a Pillow image.

    Raises:
        InterruptedRun: if the run was asked to stop.
    """
    progress = context.running().progress
    shown = encoded(preview) if preview is not None and progress.preview_size else None
    progress.report(value, total, shown)


def encoded(preview: Any) -> Preview:
    """A picture as it is sent."""
    kind, picture, side = preview
    if side is not None:
        picture = picture.copy()
        factor = side / max(picture.size)
        if factor != 1.0:
            size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
            picture = picture.resize(size, Image.Resampling.BILINEAR)
    target, lossless = BytesIO(), kind.upper() == "PNG"
    picture.convert("RGBA" if lossless else "RGB").save(target, "PNG" if lossless else "JPEG", quality=QUALITY)
    return Preview(image=target.getvalue(), media_type="image/png" if lossless else "image/jpeg")
