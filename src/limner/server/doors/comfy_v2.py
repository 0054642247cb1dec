"""Comfy API v2."""

from limner.dialects.comfy_v2.refusals import envelope
from limner.server.door import Door

DOOR = Door("comfy v2", ("/api/v2",), lambda _, code, message: envelope(code, message))
