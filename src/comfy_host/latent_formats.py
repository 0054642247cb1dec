"""How latents are scaled and seen, in the classes that node packs know."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from limner.models.model import DiffusionModel
from limner.sampling.denoiser import LatentFormat as Layout


class LatentFormat:
    """Scale, shift, channels and colours of a kind of latent."""

    scale_factor = 1.0
    shift_factor = 0.0
    latent_channels = 4
    latent_dimensions = 2
    spacial_downscale_ratio = 8
    temporal_downscale_ratio = 1
    latent_rgb_factors: Any = None
    latent_rgb_factors_bias: Any = None
    latent_rgb_factors_reshape: Any = None
    taesd_decoder_name: str | None = None

    def process_in(self, latent: Tensor) -> Tensor:
        """A stored latent at the network's scale."""
        return (latent - self.shift_factor) * self.scale_factor if self.shift_factor else latent * self.scale_factor

    def process_out(self, latent: Tensor) -> Tensor:
        """A latent as it is stored."""
        return latent / self.scale_factor + self.shift_factor if self.shift_factor else latent / self.scale_factor


class SD15(LatentFormat):
    """Stable Diffusion 1 and 2."""

    taesd_decoder_name = "taesd_decoder"

    def __init__(self, scale_factor: float = 0.18215) -> None:
        self.scale_factor = scale_factor


class SDXL(LatentFormat):
    """Stable Diffusion XL."""

    scale_factor = 0.13025
    taesd_decoder_name = "taesdxl_decoder"


class SD3(LatentFormat):
    """Stable Diffusion 3."""

    latent_channels = 16
    scale_factor = 1.5305
    shift_factor = 0.0609
    taesd_decoder_name = "taesd3_decoder"


class Flux(SD3):
    """Flux."""

    scale_factor = 0.3611
    shift_factor = 0.1159
    taesd_decoder_name = "taef1_decoder"


class _Ours:
    """Numbers and colours of one of our formats; the colours are looked up when they are asked for."""

    native: DiffusionModel

    @property
    def latent_rgb_factors(self) -> Any:
        return [list(row) for row in self.native.latent_format.seen().rgb] or None

    @property
    def latent_rgb_factors_bias(self) -> Any:
        return list(self.native.latent_format.seen().rgb_bias)


class _OursSD15(_Ours, SD15):
    pass


class _OursSDXL(_Ours, SDXL):
    pass


KINDS: dict[str, type] = {"sdxl": _OursSDXL, "sdxl_refiner": _OursSDXL}
"""Classes that packs ask for, by family."""


def latent_format_of(native: DiffusionModel) -> Any:
    """What packs see of a model's latent format."""
    made = KINDS.get(native.family.name, _OursSD15)()
    layout = native.family.latent_format
    made.native = native
    made.scale_factor, made.shift_factor = layout.scale, layout.shift
    made.latent_channels, made.spacial_downscale_ratio = layout.channels, layout.downscale
    return made


def layout_of(latent_format: Any) -> Layout:
    """Ours, of a latent format as packs make them."""
    colours = tuple((float(r), float(g), float(b)) for r, g, b in latent_format.latent_rgb_factors or ())
    return Layout(
        channels=latent_format.latent_channels,
        downscale=getattr(latent_format, "spacial_downscale_ratio", 8),
        scale=float(latent_format.scale_factor),
        shift=float(getattr(latent_format, "shift_factor", 0.0)),
        rgb=colours,
    )
