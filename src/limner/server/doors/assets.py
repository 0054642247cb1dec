"""The API of assets."""

from limner.dialects.comfy.asset_json import error_envelope
from limner.server.door import Door

DOOR = Door("assets", ("/api/assets", "/api/tags"), lambda _, code, message: error_envelope(code.upper(), message))
