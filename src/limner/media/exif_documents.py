"""Workflows in EXIF, under the tags that readers of ComfyUI's files look into."""

import json
from collections.abc import Mapping
from typing import Any

from PIL import Image

CAMERA_MODEL, CAMERA_MAKER = 0x0110, 0x010F
"""EXIF tags that hold ``prompt:json`` and, from the second one downwards, ``key:json``."""


def write_documents(exif: Image.Exif, documents: Mapping[str, Any]) -> None:
    """Puts JSON values, by keyword, into EXIF data."""
    tag = CAMERA_MAKER
    for key, document in documents.items():
        if key == "prompt":
            exif[CAMERA_MODEL] = f"prompt:{json.dumps(document)}"
        else:
            exif[tag] = f"{key}:{json.dumps(document)}"
            tag -= 1
