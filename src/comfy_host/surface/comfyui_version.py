"""``comfyui_version``: the version of ComfyUI whose interface Limner has."""

__version__ = "0.3.64"
