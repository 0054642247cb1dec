"""Texts in safetensors files (latents and models), GLB models and SVG drawings.

Source: the safetensors format; glTF 2.0, section 4.4 and 3.2 (asset); SVG 2, section 5.8 (metadata).
"""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from limner.graph.foreign_json import decode_foreign

_LARGEST_HEADER = 100 << 20
_LARGEST_SVG = 64 << 20
_METADATA = re.compile(rb"<metadata[^>]*>(.*?)</metadata>", re.DOTALL)
_CDATA = re.compile(r"\s*<!\[CDATA\[(.*?)\]\]>\s*", re.DOTALL)


def is_safetensors(data: bytes) -> bool:
    """Whether a file begins with a length and an object, and is no text."""
    length = int.from_bytes(data[:8], "little")
    return data[8:9] == b"{" and 2 <= length <= _LARGEST_HEADER


def safetensors_texts(data: bytes) -> dict[str, str]:
    """The metadata of a safetensors file."""
    length = int.from_bytes(data[:8], "little")
    header = _object(data[8 : 8 + length])
    return _texts(header.get("__metadata__"))


def glb_texts(data: bytes) -> dict[str, str]:
    """What the first chunk of a GLB file has beside the model: the extras of the asset, of the scene or of the file."""
    length = int.from_bytes(data[12:16], "little")
    document = _object(data[20 : 20 + length]) if data[16:20] == b"JSON" else {}
    asset = document.get("asset")
    places = [asset.get("extras") if isinstance(asset, Mapping) else None, document.get("extras"), asset]
    texts: dict[str, str] = {}
    for place in places:
        texts = _texts(place) | texts
    return texts


def svg_texts(data: bytes) -> dict[str, str]:
    """The members of the JSON objects in an SVG drawing's metadata."""
    texts: dict[str, str] = {}
    for match in _METADATA.finditer(data[:_LARGEST_SVG]):
        text = match.group(1).decode("utf-8", "replace")
        plain = _CDATA.fullmatch(text)
        texts = _texts(_object((plain.group(1) if plain else html.unescape(text)).encode())) | texts
    return texts


def _object(raw: bytes) -> Mapping[str, Any]:
    """A JSON object, or an empty one."""
    try:
        value = decode_foreign(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _texts(values: Any) -> dict[str, str]:
    """Members of an object as texts; objects become JSON."""
    if not isinstance(values, Mapping):
        return {}
    return {
        str(name): value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
        if isinstance(value, str | Mapping)
    }
