"""What several kinds of services write and read alike."""

import base64
import io
from collections.abc import Mapping
from typing import Any


def usage_of(said: Mapping[str, Any]) -> tuple[int, float | None]:
    """The tokens and the cost that an answer tells of."""
    usage = said.get("usage")
    if not isinstance(usage, dict):
        return 0, None
    tokens, cost = usage.get("total_tokens"), usage.get("cost")
    known = float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None
    return tokens if isinstance(tokens, int) and tokens > 0 else 0, known


def data_uri(content: bytes) -> str:
    """A PNG as text."""
    return "data:image/png;base64," + base64.b64encode(content).decode()


def holed(mask: bytes) -> bytes:
    """A grey mask, white where something is painted anew, as a PNG that is transparent there; nothing of nothing."""
    if not mask:
        return b""
    from PIL import Image, ImageOps  # Most requests have no mask, and most processes make no request.

    with Image.open(io.BytesIO(mask), formats=("PNG",)) as picture:
        grey = picture.convert("L")
    target = io.BytesIO()
    Image.merge("LA", (Image.new("L", grey.size), ImageOps.invert(grey))).convert("RGBA").save(target, "PNG")
    return target.getvalue()
