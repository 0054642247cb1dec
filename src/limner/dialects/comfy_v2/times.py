"""Times as all clients of Comfy API v2 read them: UTC with a ``Z``; one of them refuses ``+00:00``."""

from datetime import UTC, datetime


def written(milliseconds: float) -> str:
    """A time since the epoch."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
