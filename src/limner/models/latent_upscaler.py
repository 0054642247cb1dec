"""Networks that make the latents of LTX-Video larger, in space or in time: the value of LATENT_UPSCALE_MODEL sockets.

Source: the spatial and temporal upscalers of LTX-Video 0.9.7; the network is diffusers' LTXLatentUpsamplerModel, whose
names are the original ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.autoencoder import Autoencoder
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile
from limner.models.network import Network
from limner.models.parts.ltx_autoencoder import measured

MARKS = ("initial_conv.weight", "upsampler.0.weight", "post_upsample_res_blocks.0.conv1.weight", "final_conv.weight")

SPATIAL, TEMPORAL = (4, 8), (2, 8)
"""Elements that are made of one, where sides are doubled, and where time is."""

NAME = "ltxv"
"""The kind of autoencoder whose latents these are."""


class Library(Protocol):
    """What is asked of a model library."""

    def network(self, what: str, file: ModelFile, blueprint: Blueprint, dtype: torch.dtype | None = None) -> Network:
        """A network in an opened file."""
        ...


@dataclass(frozen=True)
class LatentUpscaler:
    """A network that makes latents larger.

    Attributes:
        name: For people.
        network: Loaded when leased.
        channels: Of its latents.
    """

    name: str
    network: Network
    channels: int

    def upscale(self, latents: Tensor, autoencoder: Autoencoder) -> Tensor:
        """Larger latents.

        Args:
            latents: As the autoencoder gives them, each channel with mean 0 and deviation 1, which is not what the
                network knows.
            autoencoder: Knows mean and deviation.

        Shapes: latents [b c t h w]; returns [b c t 2h 2w], or [b c 2t-1 h w], or both; float32 on the CPU.

        Raises:
            NumericsError: if latents or autoencoder are none of LTX-Video's.
        """
        if autoencoder.kind.name != NAME or latents.ndim != 5 or latents.shape[1] != self.channels:
            raise NumericsError(
                f"{self.name} enlarges latents of LTX-Video, [b {self.channels} t h w], but {list(latents.shape)} came "
                f"with an autoencoder of the kind {autoencoder.kind.name!r}. Choose a latent and the VAE of LTX-Video."
            )
        with autoencoder.network.lease("statistics of latents") as network:
            mean, deviation = (values.float().cpu() for values in measured(network))
        stored = latents.float().cpu() * deviation + mean
        with torch.no_grad(), self.network.lease("upscaling of latents") as network:
            parts = [network(part.to(self.network.device, self.network.dtype)) for part in stored.split(1)]
        return (torch.cat([part.float().cpu() for part in parts]) - mean) / deviation


def latent_upscaler_in(file: ModelFile, library: Library) -> LatentUpscaler:
    """The upscaler of latents in an opened file.

    Raises:
        ModelFileError: if it holds none.
    """
    if not all(mark in file.layout for mark in MARKS):
        raise ModelFileError(
            f"{file.path.name} holds no network that enlarges LTX-Video's latents by 2 (initial_conv, upsampler.0 ... "
            "were expected): choose a spatial or temporal upscaler of LTX-Video 0.9.7 or 0.9.8."
        )
    arguments = configuration(file.layout)
    blueprint = Blueprint(
        keys={name: Source((name,)) for name in file.layout}, build=lambda: _build(arguments), facts=arguments
    )
    name = f"{file.path.name} (latent upscaler)"
    return LatentUpscaler(name, library.network(name, file, blueprint), arguments["in_channels"])


def configuration(layout: Layout) -> dict[str, Any]:
    """Arguments of diffusers' LTXLatentUpsamplerModel from shapes."""
    width, channels, *kernel = layout.shape("initial_conv.weight")
    made = layout.shape("upsampler.0.weight")[0] // width
    return {
        "in_channels": channels,
        "mid_channels": width,
        "num_blocks_per_stage": layout.count("res_blocks.{}."),
        "dims": len(kernel),
        "spatial_upsample": made in SPATIAL,
        "temporal_upsample": made in TEMPORAL,
    }


def _build(arguments: Mapping[str, Any]) -> nn.Module:
    # Takes a second to import, so only when one is built.
    from diffusers.pipelines.ltx.modeling_latent_upsampler import LTXLatentUpsamplerModel

    return LTXLatentUpsamplerModel(**arguments)
