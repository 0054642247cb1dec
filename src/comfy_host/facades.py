"""Fills the bridge: the one place that knows all facades."""

from __future__ import annotations

from comfy_host.bridge import Bridge
from comfy_host.models import register_models


def register(bridge: Bridge) -> None:
    """Registers every facade."""
    register_models(bridge)
