"""What can be told of a file from its first bytes."""

from pathlib import Path
from typing import Any

from limner.graph.errors import LimnerError
from limner.server.pictures import open_picture
from limner.storage.media_types import media_type


def facts(path: Path, name: str) -> dict[str, Any]:
    """Width and height in pixels, if it is a picture; else nothing."""
    if not media_type(name).startswith("image/") or media_type(name).endswith("xml"):
        return {}
    try:
        with open_picture(path) as picture:
            return {"kind": "image", "width": picture.width, "height": picture.height}
    except (LimnerError, OSError, ValueError, SyntaxError):
        return {}
