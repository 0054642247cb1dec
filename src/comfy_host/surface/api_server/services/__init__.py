"""``api_server.services``: present because packs import it."""

from comfy_host.missing import absent

__getattr__ = absent(__name__)
