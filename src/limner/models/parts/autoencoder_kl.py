"""The autoencoder of the Stable Diffusion line (KL): its configuration read off its tensors, and its blueprint.

Source: Rombach et al. 2022, section 3.1; the network is diffusers' AutoencoderKL.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.autoencoder_keys import autoencoder_keys

PREFIXES = ("first_stage_model.", "vae.", "")
"""Where files keep an autoencoder."""

IN_TIME = ("decoder.time_conv_out.weight", "decoder.conv_out.time_mix_conv.weight")
"""Tensors of decoders that see several frames at once, which are another kind."""


def find_autoencoder(layout: Layout) -> str | None:
    """The prefix under which a file keeps an autoencoder of this kind; None if it has none."""
    for prefix in PREFIXES:
        shape = layout.shape(f"{prefix}decoder.conv_in.weight")
        still = not any(prefix + name in layout for name in IN_TIME)
        if not still or _folds(layout, prefix):
            continue
        if len(shape) == 4 and len(layout.shape(f"{prefix}encoder.conv_in.weight")) == 4:
            return prefix
    return None


def _folds(layout: Layout, prefix: str) -> bool:
    """Whether pixels become channels on the way down: HunyuanImage's has some of the same names otherwise."""
    down = layout.shape(f"{prefix}encoder.down.0.downsample.conv.weight")
    return (bool(down) and down[0] < down[1]) or f"{prefix}encoder.down_blocks.0.conv1.weight" in layout


def autoencoder_blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder of a checkpoint or of a file of its own; None if there is none."""
    prefix = find_autoencoder(layout)
    if prefix is None:
        return None
    inside = layout.under(prefix)
    names = autoencoder_keys(inside)
    shapes = Layout({target: inside.shape(name) for target, name in names.items()})
    configuration = autoencoder_configuration(shapes)
    return Blueprint(
        keys={target: Source((prefix + name,), _transform(target, shapes)) for target, name in names.items()},
        build=lambda: _build(configuration),
        facts={
            "latent_channels": configuration["latent_channels"],
            "downscale": 2 ** (len(configuration["block_out_channels"]) - 1),
            "in_channels": configuration["in_channels"],
        },
    )


def _transform(target: str, shapes: Layout) -> Any:
    """The original keeps the attention's linear layers as 1x1 convolutions."""
    convolution = ".attentions." in target and len(shapes.shape(target)) == 4
    return flat if convolution else None


def flat(weight: Tensor) -> Tensor:
    """A 1x1 convolution's weight as that of a linear layer. Shapes: [o i 1 1] to [o i]."""
    return weight.flatten(1)


def autoencoder_configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKL from shapes under its own names."""
    levels = shapes.count("encoder.down_blocks.{}.")
    channels = tuple(shapes.shape(f"encoder.down_blocks.{n}.resnets.0.conv1.weight")[0] for n in range(levels))
    return {
        "in_channels": shapes.shape("encoder.conv_in.weight")[1],
        "out_channels": shapes.shape("decoder.conv_out.weight")[0],
        "block_out_channels": channels,
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "up_block_types": ("UpDecoderBlock2D",) * levels,
        "layers_per_block": shapes.count("encoder.down_blocks.0.resnets.{}."),
        "latent_channels": shapes.shape("decoder.conv_in.weight")[1],
        "norm_num_groups": min(32, channels[0] // 4),  # 32 for every published network
        "use_quant_conv": "quant_conv.weight" in shapes,
        "use_post_quant_conv": "post_quant_conv.weight" in shapes,
        "mid_block_add_attention": shapes.has("decoder.mid_block.attentions.0."),
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKL  # takes a second to import, so only when one is built

    return AutoencoderKL(**configuration)
