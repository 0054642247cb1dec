"""``main``: some packs look whether ComfyUI's main module is loaded."""

from comfy_host.missing import absent

__getattr__ = absent(__name__)
