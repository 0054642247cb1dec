"""What the server says it can do: ``/features`` and the ``feature_flags`` handshake."""

from collections.abc import Mapping
from typing import Any

PREVIEW_METADATA = "supports_preview_metadata"


def server_features(max_upload: int) -> dict[str, Any]:
    """The server's flags; ``max_upload`` in bytes."""
    return {PREVIEW_METADATA: True, "max_upload_size": max_upload}


def client_features(message: Any) -> dict[str, bool] | None:
    """The flags that a client's first message declares, or None if it is another message.

    A flag counts only if it is the JSON value ``true``.
    """
    if not isinstance(message, Mapping) or message.get("type") != "feature_flags":
        return None
    data = message.get("data")
    return {str(name): value is True for name, value in data.items()} if isinstance(data, Mapping) else {}
