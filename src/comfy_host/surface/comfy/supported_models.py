"""Families by the names that packs ask for."""

from comfy import supported_models_base
from comfy_host.missing import absent


class SD15(supported_models_base.BASE):
    """Stable Diffusion 1."""


class SD20(supported_models_base.BASE):
    """Stable Diffusion 2."""


class SDXL(supported_models_base.BASE):
    """Stable Diffusion XL."""


class SDXLRefiner(supported_models_base.BASE):
    """Stable Diffusion XL's refiner."""


models = [SD15, SD20, SDXLRefiner, SDXL]

__getattr__ = absent(__name__)
