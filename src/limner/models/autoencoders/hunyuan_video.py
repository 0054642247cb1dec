"""The autoencoder of HunyuanVideo: videos, four frames and eight pixels an element, causal in time.

Source: Kong et al. 2024, section 4.1; the network is diffusers' AutoencoderKLHunyuanVideo, which has the names of the
layout of publication. Others write the levels as Stable Diffusion's autoencoder does.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.autoencoder_keys import autoencoder_keys
from limner.models.parts.causal_middle import CausalMiddle

PREFIXES = ("vae.", "first_stage_model.", "")

FIRST = "encoder.conv_in.conv.weight"
NORMS = ("encoder.mid_block.attentions.0.group_norm.weight", "encoder.mid.attn_1.norm.weight")
"""Marks: the first convolution, and the norm of the middle in either naming."""

GROUPS = 32
"""Of the norms in every published network; smaller ones have a quarter of the first level's channels."""

DOWNSCALE, FRAMES = 8, 4


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    for prefix in PREFIXES:
        inside = layout.under(prefix)
        if len(inside.shape(FIRST)) == 5 and any(norm in inside for norm in NORMS):
            return _filled(inside, prefix)
    return None


def _filled(inside: Layout, prefix: str) -> Blueprint:
    names = autoencoder_keys(inside)
    shapes = Layout({target: inside.shape(name) for target, name in names.items()})
    configuration = _configuration(shapes)
    return Blueprint(
        keys={target: _source(target, prefix + name, inside.shape(name)) for target, name in names.items()},
        build=lambda: _build(configuration),
        facts={"latent_channels": configuration["latent_channels"], "downscale": DOWNSCALE},
    )


def _source(target: str, name: str, shape: tuple[int, ...]) -> Source:
    """The other naming has the attention's linear layers as convolutions of one place."""
    if ".attentions." in target and len(shape) == 5:
        return Source((name,), _flat, shape[:2])
    return Source((name,))


def _flat(weight: Tensor) -> Tensor:
    return weight.flatten(1)


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLHunyuanVideo from shapes under its own names."""
    levels = shapes.count("encoder.down_blocks.{}.")
    places = (f"encoder.down_blocks.{level}.resnets.0.conv1.conv.weight" for level in range(levels))
    channels = tuple(shapes.shape(place)[0] for place in places)
    return {
        "in_channels": shapes.shape(FIRST)[1],
        "out_channels": shapes.shape("decoder.conv_out.conv.weight")[0],
        "latent_channels": shapes.shape("decoder.conv_in.conv.weight")[1],
        "block_out_channels": channels,
        "down_block_types": ("HunyuanVideoDownBlock3D",) * levels,
        "up_block_types": ("HunyuanVideoUpBlock3D",) * levels,
        "layers_per_block": shapes.count("encoder.down_blocks.0.resnets.{}."),
        "norm_num_groups": min(GROUPS, channels[0] // 4),
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLHunyuanVideo  # takes a second to import, so only when one is built

    network: Any = AutoencoderKLHunyuanVideo(**configuration)
    # What is worked on in stretches is the autoencoder's to say.
    network.use_framewise_encoding = network.use_framewise_decoding = False
    for half in (network.encoder, network.decoder):
        half.mid_block = CausalMiddle(half.mid_block)
    return network


HUNYUAN_VIDEO = AutoencoderKind(
    name="hunyuan_video",
    doc="Autoencoder of HunyuanVideo: videos with 16 channels.",
    blueprint=_blueprint,
    frames=FRAMES,
)
