"""Assets and outputs as Comfy API v2 writes them. Its Python client checks every field; none may be absent."""

from collections.abc import Mapping
from typing import Any

from limner.dialects.comfy_v2.outputs import Made, kind_of
from limner.dialects.comfy_v2.times import written
from limner.storage.asset_records import MODELS, Asset
from limner.storage.media_types import media_type

PREFIX = "blake3:"
LENT = 24 * 3600 * 1000
"""Milliseconds for which an address is said to hold; asking again gives another."""

OWN = "comfy_v2"
"""What an asset remembers for this API lies under this name in what clients keep with it."""


def asset_entry(asset: Asset, url: str, now: int, *, created_new: bool | None = None) -> dict[str, Any]:
    """An asset.

    Args:
        asset: The asset.
        url: Where its bytes are, absolute.
        now: Milliseconds since the epoch.
        created_new: Whether this request made it; None: it was only read.
    """
    entry: dict[str, Any] = {
        "id": asset.id,
        "hash": f"{PREFIX}{asset.digest}" if asset.digest else None,
        "size_bytes": asset.size,
        "content_type": asset.mime,
        "file_path": file_path(asset),
        "created_at": written(asset.created / 1000),
        "url": url,
        "url_expires_at": written(now + LENT),
        "expires_at": None,
    }
    if asset.job:
        entry["job_id"] = asset.job
    return entry if created_new is None else entry | {"created_new": created_new}


def output_entry(made: Made, asset: Asset | None, url: str, now: int) -> dict[str, Any]:
    """An output of a job; one whose file is gone has no hash."""
    return {
        "node_id": made.node,
        "name": made.name,
        "type": kind_of(made.name),
        "content_type": media_type(made.name),
        "size_bytes": asset.size if asset is not None else 0,
        "id": asset.id if asset is not None else made.id,
        "hash": f"{PREFIX}{asset.digest}" if asset is not None and asset.digest else None,
        "url": url,
        "url_expires_at": written(now + LENT),
        "job_id": made.job,
    }


def file_path(asset: Asset) -> str:
    """The path that a client gave, or else the file's own."""
    own = asset.user_metadata.get(OWN)
    given = own.get("file_path") if isinstance(own, Mapping) else None
    if isinstance(given, str):
        return given
    return asset.path if asset.place == "input" else f"{asset.place}/{asset.path}"


def widget_value(asset: Asset) -> str:
    """What a node's input has to be to mean an asset: a name in its folder, with the folder if it is not the usual."""
    if asset.place == "input" or asset.place.startswith(MODELS):
        return asset.path
    return f"{asset.path} [{asset.place}]"
