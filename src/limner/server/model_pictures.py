"""Pictures of models: one that somebody gave it, one beside the file, or the one in its header."""

import io
from pathlib import Path

from limner.server.model_headers import read_metadata, thumbnail
from limner.server.pictures import Rendition, encode

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif")
RENDITION = Rendition(format="webp", longest=1024)


def picture_beside(model: Path) -> Path | None:
    """The picture that lies beside a model and is named like it, or None."""
    stems = (f"{model.stem}.preview", model.stem, f"{model.name}.preview", model.name)
    candidates = (model.with_name(stem + suffix) for stem in stems for suffix in SUFFIXES)
    return next((path for path in candidates if path.is_file()), None)


def picture_inside(model: Path) -> bytes | None:
    """The picture in a safetensors file's header, as WEBP.

    Raises:
        DocumentError: if it is no picture that can be shown.
        OSError: if the file cannot be read.
    """
    data = thumbnail(read_metadata(model) or {}) if model.suffix.lower() == ".safetensors" else None
    return encode(io.BytesIO(data), RENDITION) if data else None
