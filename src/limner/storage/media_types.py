"""Media types by file name: Python's table, and what it lacks in one version or on one system or another."""

import mimetypes
from pathlib import PurePosixPath

FURTHER: dict[str, str] = {
    ".avif": "image/avif",
    ".flac": "audio/flac",
    ".glb": "model/gltf-binary",
    ".jxl": "image/jxl",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".opus": "audio/ogg",
    ".safetensors": "application/octet-stream",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}

BYTES = "application/octet-stream"


def media_type(name: str) -> str:
    """The media type of a file with this name."""
    return FURTHER.get(PurePosixPath(name).suffix.lower()) or mimetypes.guess_type(name)[0] or BYTES
