"""The input half of a UNet that looks at a picture (ControlNet): its configuration read off its tensors.

Source: Zhang et al. 2023; the network is diffusers' ControlNetModel.
"""

from collections.abc import Mapping
from typing import Any

from torch import nn

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.control_unet_keys import control_unet_keys
from limner.models.parts.unet import UnetShape, shape_of, unet_configuration

PREFIXES = ("control_model.", "controlnet.", "")
HEAD_WIDTH = 64
SD1_HEADS = 8
SD2_CONTEXT = 1024
CONTROL_LORA = "lora_controlnet"
"""A tensor of this name says that the file holds differences only."""

OF_THE_OUTPUT_HALF = ("out_channels", "up_block_types")


def find_control_unet(layout: Layout) -> str | None:
    """The prefix under which a layout holds a ControlNet for a UNet; None if there is none."""
    for prefix in PREFIXES:
        hint = (f"{prefix}input_hint_block.0.weight", f"{prefix}controlnet_cond_embedding.conv_in.weight")
        if any(name in layout for name in hint):
            return prefix
    return None


def control_unet_blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill a ControlNet of one task; None if the layout holds none."""
    prefix = find_control_unet(layout)
    if prefix is None or f"{prefix}task_embedding" in layout or CONTROL_LORA in layout:
        return None
    inside = layout.under(prefix)
    names = control_unet_keys(inside)
    named = Layout({target: inside.shape(name) for target, name in names.items()}, layout.metadata)
    shape = shape_of(named)
    if shape is None:
        return None
    configuration = control_unet_configuration(shape, named)
    return Blueprint(
        keys={target: Source((prefix + name,)) for target, name in names.items()},
        build=lambda: build_control_unet(configuration),
        facts={key: value for key, value in vars(shape).items() if value},
    )


def control_unet_configuration(shape: UnetShape, named: Layout) -> dict[str, Any]:
    """Arguments of diffusers' ControlNetModel from shapes under its own names."""
    wide = bool(shape.vector) or shape.context == SD2_CONTEXT
    whole = unet_configuration(shape, lambda channels: channels // HEAD_WIDTH if wide else SD1_HEADS)
    return {
        **{key: value for key, value in whole.items() if key not in OF_THE_OUTPUT_HALF},
        "conditioning_channels": named.shape("controlnet_cond_embedding.conv_in.weight")[1],
        "conditioning_embedding_out_channels": _embedding_channels(named),
    }


def _embedding_channels(named: Layout) -> tuple[int, ...]:
    """Channels of the layers that bring the picture to the size of latents; each takes two."""
    inside = named.under("controlnet_cond_embedding.")
    first = inside.shape("conv_in.weight")[0]
    blocks = inside.count("blocks.{}.")
    return (first, *(inside.shape(f"blocks.{number}.weight")[0] for number in range(1, blocks, 2)))


def build_control_unet(configuration: Mapping[str, Any]) -> nn.Module:
    """Diffusers' ControlNetModel with these arguments."""
    from diffusers import ControlNetModel  # takes a second to import, so only when one is built

    return ControlNetModel(**configuration)
