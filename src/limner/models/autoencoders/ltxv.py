"""The autoencoder of LTX-Video 0.9.0: videos in 128 channels, 32 pixels and 8 frames an element, mean 0, deviation 1.

Source: HaCohen et al. 2024, section 3.1; the network is diffusers' AutoencoderKLLTXVideo, which carries mean and
deviation of each channel. Decoders of later versions, which are told a noise level, are not of this kind.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.autoencoder_kind import AutoencoderKind, decoded
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.load.renaming import named
from limner.models.load.tracing import traced_sources

PREFIXES = ("vae.", "first_stage_model.", "")

ORIGINAL, OWN = (
    "encoder.down_blocks.0.res_blocks.0.conv1.conv.weight",
    "encoder.down_blocks.0.resnets.0.conv1.conv.weight",
)
"""Marks of the original layout, and of the network's own."""

TIMED = ("decoder.last_time_embedder.timestep_embedder.linear_1.weight", "decoder.time_embedder.linear_1.weight")
"""Marks of decoders that are told a noise level."""

ENCODED_095 = 2048
"""Channels before the last layer of encoders since 0.9.5, which are built otherwise."""

LEVELS = 4
DOWNSCALE, FRAMES = 32, 8


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    for prefix in PREFIXES:
        late = layout.shape(f"{prefix}encoder.conv_out.conv.weight")[1:2] == (ENCODED_095,)
        if late or any(prefix + mark in layout for mark in TIMED):
            continue
        if prefix + ORIGINAL in layout:
            return _filled(traced_sources(_convert, layout, prefix), layout)
        if prefix + OWN in layout:
            return _filled({name: Source((prefix + name,)) for name in layout.under(prefix)}, layout)
    return None


def _convert(state: dict[str, Tensor]) -> Mapping[str, Tensor]:
    from diffusers.loaders.single_file_utils import convert_ltx_vae_checkpoint_to_diffusers

    return convert_ltx_vae_checkpoint_to_diffusers({f"vae.{name}": tensor for name, tensor in state.items()})


def _filled(sources: Mapping[str, Source], layout: Layout) -> Blueprint:
    configuration = _configuration(named(sources, layout))
    facts = {"latent_channels": configuration["latent_channels"], "downscale": DOWNSCALE}
    return Blueprint(keys=sources, build=lambda: _build(configuration), facts=facts)


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLLTXVideo from shapes; a decoder's are counted from its end."""
    down = [f"encoder.down_blocks.{level}" for level in range(LEVELS)]
    up = [f"decoder.up_blocks.{level}" for level in reversed(range(LEVELS))]
    return {
        "latent_channels": shapes.shape("decoder.conv_in.conv.weight")[1],
        "block_out_channels": _widths(shapes, down),
        "decoder_block_out_channels": _widths(shapes, up),
        "layers_per_block": _depths(shapes, [*down, "encoder.mid_block"]),
        "decoder_layers_per_block": _depths(shapes, [*up, "decoder.mid_block"]),
        "spatio_temporal_scaling": tuple(shapes.has(f"{place}.downsamplers.") for place in down),
        "decoder_spatio_temporal_scaling": tuple(shapes.has(f"{place}.upsamplers.") for place in up),
    }


def _widths(shapes: Layout, places: list[str]) -> tuple[int, ...]:
    return tuple(shapes.shape(f"{place}.resnets.0.conv1.conv.weight")[0] for place in places)


def _depths(shapes: Layout, places: list[str]) -> tuple[int, ...]:
    return tuple(shapes.count(place + ".resnets.{}.") for place in places)


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLLTXVideo  # takes a second to import, so only when one is built

    return AutoencoderKLLTXVideo(**configuration)


def _measured(network: Any) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel. Shapes: both [1 c 1 1 1]."""
    mean, deviation = torch.as_tensor(network.latents_mean), torch.as_tensor(network.latents_std)
    return mean.reshape(1, -1, 1, 1, 1), deviation.reshape(1, -1, 1, 1, 1)


def _encode(network: Any, videos: Tensor) -> Tensor:
    mean, deviation = _measured(network)
    return (network.encode(videos).latent_dist.mean - mean) / deviation


def _decode(network: Any, latents: Tensor) -> Tensor:
    mean, deviation = _measured(network)
    return decoded(network, latents * deviation + mean)


LTXV = AutoencoderKind(
    name="ltxv",
    doc="Autoencoder of LTX-Video 0.9.0: videos with 128 channels.",
    blueprint=_blueprint,
    encode=_encode,
    decode=_decode,
    frames=FRAMES,
)
