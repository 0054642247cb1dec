"""How latents are scaled and seen."""

from comfy_host.latent_formats import SD3, SD15, SDXL, Flux, LatentFormat
from comfy_host.missing import absent

__getattr__ = absent(__name__)
