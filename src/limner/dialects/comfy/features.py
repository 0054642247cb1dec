"""What the server says it can do: ``/features`` and the ``feature_flags`` handshake."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from limner.graph.errors import SettingsError

PREVIEW_METADATA = "supports_preview_metadata"
PROGRESS_TEXT_METADATA = "supports_progress_text_metadata"


def server_features(
    max_upload: int, *, assets: bool = False, further: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The server's flags.

    Args:
        max_upload: Largest body in bytes.
        assets: Files are listed as assets.
        further: Further flags, or other values of these; a dotted name is a path into objects.
    """
    flags: dict[str, Any] = {
        PREVIEW_METADATA: True,
        "max_upload_size": max_upload,
        "supports_model_type_tags": True,
        "extension": {"manager": {"supports_v4": False}},
        "node_replacements": True,
        "assets": assets,
    }
    for name, value in (further or {}).items():
        _set(flags, name.split("."), value)
    return flags


def read_flags(entries: Iterable[str]) -> dict[str, Any]:
    """Flags from a command line, ``key=value``; a value is JSON or else text, and one that is left out is true.

    Raises:
        SettingsError: if one has no name.
    """
    flags: dict[str, Any] = {}
    for entry in entries:
        name, given, text = entry.partition("=")
        if not name.strip():
            raise SettingsError(f"--feature-flag {entry!r:.100} has no name: write key=value.")
        try:
            flags[name.strip()] = json.loads(text) if given else True
        except (ValueError, RecursionError):
            flags[name.strip()] = text
    return flags


def client_features(message: Any) -> dict[str, bool] | None:
    """The flags that a client's first message declares, or None if it is another message.

    A flag counts only if it is the JSON value ``true``.
    """
    if not isinstance(message, Mapping) or message.get("type") != "feature_flags":
        return None
    data = message.get("data")
    return {str(name): value is True for name, value in data.items()} if isinstance(data, Mapping) else {}


def _set(flags: dict[str, Any], path: list[str], value: Any) -> None:
    """Puts a value at a path; what is no object on the way gives place to one."""
    for name in path[:-1]:
        known = flags.get(name)
        flags[name] = dict(known) if isinstance(known, dict) else {}
        flags = flags[name]
    flags[path[-1]] = value
