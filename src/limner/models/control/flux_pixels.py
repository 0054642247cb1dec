"""ControlNet for Flux.1 that looks at pixels (XLabs), in its authors' layout and in that of diffusers.

It has few double blocks, which take turns in steering all of the network's.
Source: Zhang et al. 2023, with its hint block, on the blocks of Flux; the network is diffusers' FluxControlNetModel
with ``conditioning_embedding_channels``.
"""

import math
from dataclasses import replace
from typing import Any

from torch import Tensor

from limner.models.control.control import ControlKind, HintRequest, Residuals, Seen
from limner.models.control.flux_network import flux_control_configuration, flux_control_residuals, silent
from limner.models.control.spreading import in_turn
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import Table
from limner.models.parts.flux_keys import FLUX as NETWORK
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.patch_tokens import SIDE, padded
from limner.models.parts.transformer import transformer_blueprint

MIDDLE = 6
"""Convolutions of the hint block between the first and the last; activations count as well in its numbers."""

TABLE: Table = {
    **NETWORK,
    "pos_embed_input": "controlnet_x_embedder",
    "input_hint_block.0": "input_hint_block.conv_in",
    **{f"input_hint_block.{2 * (number + 1)}": f"input_hint_block.blocks.{number}" for number in range(MIDDLE)},
    f"input_hint_block.{2 * (MIDDLE + 1)}": "input_hint_block.conv_out",
}

LAYOUTS = KnownLayouts(
    original=("input_hint_block.0.weight", "pos_embed_input.weight", "double_blocks.0.img_attn.qkv.weight"),
    diffusers=("input_hint_block.conv_in.weight", "controlnet_x_embedder.weight", "controlnet_blocks.0.weight"),
    table=lambda layout: TABLE,
    width="img_in.weight",
)


def _blueprint(layout: Layout) -> Blueprint | None:
    if not LAYOUTS.recognise(layout):
        return None
    found = LAYOUTS.read(layout)
    configuration = flux_control_configuration(found.shapes)
    channels = found.shapes.shape("input_hint_block.conv_out.weight")[0]
    configuration |= {
        "conditioning_embedding_channels": channels,
        "patch_size": math.isqrt(configuration["in_channels"] // channels),
    }
    blueprint = transformer_blueprint("FluxControlNetModel", configuration, found.sources, found.prefix)
    return replace(blueprint, build=lambda: silent(blueprint.build()))


def _residuals(network: Any, seen: Seen) -> Residuals:
    return flux_control_residuals(network, seen, seen.hint, spread=in_turn)


def _hint(request: HintRequest) -> Tensor:
    """The picture in -1..1, its sides multiples of a patch's."""
    return padded(request.picture, SIDE * request.latent_format.downscale) * 2 - 1


FLUX_PIXELS = ControlKind(
    name="flux_pixels",
    doc="ControlNet for Flux.1 that looks at pixels (XLabs).",
    steers=("flux",),
    blueprint=_blueprint,
    residuals=_residuals,
    hint=_hint,
)
