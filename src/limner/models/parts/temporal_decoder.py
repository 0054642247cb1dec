"""An autoencoder whose decoder sees all frames of a video: its configuration read off its tensors, and its blueprint.

Source: Blattmann et al. 2023, "Stable Video Diffusion", section 3.1; Blattmann et al. 2023, "Align your latents",
section 3.1.1. The network is diffusers' AutoencoderKLTemporalDecoder.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.autoencoder_kl import IN_TIME, PREFIXES, flat
from limner.models.parts.temporal_decoder_keys import temporal_decoder_keys

MOMENTS = "quant_conv"
"""A last layer of the encoder that the original layout does not have: there it changes nothing."""


def find_temporal_decoder(layout: Layout) -> str | None:
    """The prefix under which a file keeps an autoencoder of this kind; None if it has none."""
    return next((prefix for prefix in PREFIXES if any(prefix + name in layout for name in IN_TIME)), None)


def temporal_decoder_blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder of a checkpoint or of a file of its own; None if there is none."""
    prefix = find_temporal_decoder(layout)
    if prefix is None:
        return None
    inside = layout.under(prefix)
    names = temporal_decoder_keys(inside)
    shapes = Layout({target: inside.shape(name) for target, name in names.items()})
    configuration = temporal_decoder_configuration(shapes)
    sources = {target: _source(target, prefix + name, shapes) for target, name in names.items()}
    return Blueprint(
        keys={**_plain_moments(2 * configuration["latent_channels"]), **sources},
        build=lambda: _build(configuration),
        facts={
            "latent_channels": configuration["latent_channels"],
            "downscale": 2 ** (len(configuration["block_out_channels"]) - 1),
        },
    )


def _source(target: str, name: str, shapes: Layout) -> Source:
    """The original keeps the attention's linear layers as 1x1 convolutions."""
    shape = shapes.shape(target)
    convolution = ".attentions." in target and len(shape) == 4
    return Source((name,), flat, shape[:2]) if convolution else Source((name,))


def _plain_moments(channels: int) -> dict[str, Source]:
    """A last layer that gives what it is given."""
    identity = partial(torch.eye, channels)
    return {
        f"{MOMENTS}.weight": Source((), lambda: identity()[:, :, None, None], (channels, channels, 1, 1)),
        f"{MOMENTS}.bias": Source((), partial(torch.zeros, channels), (channels,)),
    }


def temporal_decoder_configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLTemporalDecoder from shapes under its own names."""
    levels = shapes.count("encoder.down_blocks.{}.")
    first = "encoder.down_blocks.{}.resnets.0.conv1.weight"
    return {
        "in_channels": shapes.shape("encoder.conv_in.weight")[1],
        "out_channels": shapes.shape("decoder.conv_out.weight")[0],
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "block_out_channels": tuple(shapes.shape(first.format(level))[0] for level in range(levels)),
        "layers_per_block": shapes.count("encoder.down_blocks.0.resnets.{}."),
        "latent_channels": shapes.shape("decoder.conv_in.weight")[1],
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLTemporalDecoder  # takes a second to import, so only when one is built

    return AutoencoderKLTemporalDecoder(**configuration)


def decoded_together(network: Any, latents: Tensor) -> Tensor:
    """The frames of one video. Shapes: latents [t c h w]; returns [t 3 H W]."""
    return network.decode(latents, num_frames=len(latents), return_dict=False)[0]
