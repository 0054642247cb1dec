"""Names of a spatio-temporal UNet's tensors: the original layout onto diffusers' UNetSpatioTemporalConditionModel.

The network is a picture's UNet in which every block has a part beside it that works along time, so the numbering of
blocks is the picture's; only what lies inside of a block is told here.
"""

import re
from collections.abc import Mapping

from limner.models.load.layout import Layout
from limner.models.parts.unet_keys import RESIDUAL, unet_keys

POSITION: Mapping[str, str] = {
    "time_pos_embed.0.": "time_pos_embed.linear_1.",
    "time_pos_embed.2.": "time_pos_embed.linear_2.",
}
"""What tells a transformer the number of a frame."""

TIME, MIXER = "time_stack.", "time_mixer."
"""Where the original layout keeps what works along time, and the weight that mixes both."""


def video_unet_keys(layout: Layout) -> dict[str, str]:
    """Diffusers' name to the original name, both without a prefix; a layout with diffusers' names is its own table."""
    if "conv_in.weight" in layout:
        return {name: name for name in layout}
    return {_moved(target): name for target, name in unet_keys(layout).items()}


def _moved(target: str) -> str:
    """The name in a video's network of what ``unet_keys`` called by a picture's names."""
    block = re.fullmatch(r"(.+\.(resnets|attentions)\.\d+\.)(.+)", target)
    if not block:
        return target
    place, kind, rest = block.groups()
    return place + (_residual(rest) if kind == "resnets" else _attention(rest))


def _residual(rest: str) -> str:
    if rest.startswith(MIXER):
        return rest
    if not rest.startswith(TIME):
        return "spatial_res_block." + rest
    inner = rest.removeprefix(TIME)
    old = next((old for old in RESIDUAL if inner.startswith(old)), "")
    return "temporal_res_block." + RESIDUAL.get(old, "") + inner.removeprefix(old)


def _attention(rest: str) -> str:
    if rest.startswith(TIME):
        return "temporal_transformer_blocks." + rest.removeprefix(TIME)
    old = next((old for old in POSITION if rest.startswith(old)), "")
    return POSITION.get(old, "") + rest.removeprefix(old)
