"""The autoencoders of LTX-Video: videos in 128 channels, 32 pixels and 8 frames an element, mean 0, deviation 1.

Source: HaCohen et al. 2024, sections 3.1 and 3.1.2; the network is diffusers' AutoencoderKLLTXVideo, which carries mean
and deviation of each channel. Decoders since 0.9.1 do the last step of denoising: they are given a latent with a little
noise, and told how much. All noise is drawn anew for each decoding, from fixed seeds, so that equal latents give equal
videos.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.load.renaming import named
from limner.models.parts.ltx_autoencoder import TIMED, configuration, is_late, measured, original_sources

PREFIXES = ("vae.", "first_stage_model.", "")

ORIGINAL, OWN = (
    "encoder.down_blocks.0.res_blocks.0.conv1.conv.weight",
    "encoder.down_blocks.0.resnets.0.conv1.conv.weight",
)
"""Marks of the original layout, and of the network's own."""

NORMED = "encoder.conv_norm_out.weight"
"""HunyuanVideo's has the same names otherwise; here norms have no weights."""

DOWNSCALE, FRAMES = 32, 8

TIME, NOISE = 0.05, 0.025
"""What a decoder is told, and the share of noise that it is given, as the pipelines of 0.9.1 and later have it."""

SEED = 0


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    for prefix in PREFIXES:
        sources = _sources(layout, prefix)
        if sources is not None:
            return _filled(sources, named(sources, layout))
    return None


def _sources(layout: Layout, prefix: str) -> Mapping[str, Source] | None:
    if prefix + ORIGINAL in layout:
        return original_sources(layout, prefix)
    if prefix + OWN in layout and prefix + NORMED not in layout:
        return {name: Source((prefix + name,)) for name in layout.under(prefix)}
    return None


def _filled(sources: Mapping[str, Source], shapes: Layout) -> Blueprint | None:
    if is_late(shapes) and TIMED not in shapes:
        return None  # LTX-2's, which is another network
    arguments = configuration(shapes)
    facts = {"latent_channels": arguments["latent_channels"], "downscale": DOWNSCALE}
    return Blueprint(keys=sources, build=lambda: _build(arguments), facts=facts)


def _build(arguments: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLLTXVideo  # takes a second to import, so only when one is built

    network = AutoencoderKLLTXVideo(**arguments)
    for number, module in enumerate(network.decoder.modules()):
        if getattr(module, "per_channel_scale1", None) is not None:
            module.register_forward_pre_hook(_NoiseFrom(SEED + number))
    return network


class _NoiseFrom:
    """Makes a residual block draw the noise that it adds from a seed; by itself it would take the process's."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """The block's arguments (values, time, generator) with another generator."""
        return (*given[:2], torch.Generator(given[0].device).manual_seed(self.seed))


def _encode(network: Any, videos: Tensor) -> Tensor:
    mean, deviation = measured(network)
    return (network.encode(videos).latent_dist.mean - mean) / deviation


def _decode(network: Any, latents: Tensor) -> Tensor:
    mean, deviation = measured(network)
    stored = latents * deviation + mean
    if not network.config.timestep_conditioning:
        return network.decode(stored, return_dict=False)[0]
    noise = torch.randn(stored.shape, generator=torch.Generator().manual_seed(SEED)).to(stored)
    time = stored.new_full((len(stored),), TIME)
    return network.decode(torch.lerp(stored, noise, NOISE), time, return_dict=False)[0]


LTXV = AutoencoderKind(
    name="ltxv",
    doc="Autoencoders of LTX-Video, from 0.9.0 to 0.9.8: videos with 128 channels.",
    blueprint=_blueprint,
    encode=_encode,
    decode=_decode,
    frames=FRAMES,
)
