"""Names of a UNet's tensors: the original single-file layout onto those of diffusers' UNet2DConditionModel.

A table with the little walking that the numbering needs. The original layout numbers all blocks of one side in a row;
an ``op`` (downsampling) closes a level.
"""

import re
from collections.abc import Mapping

from limner.models.load.layout import Layout

ENDS: Mapping[str, str] = {
    "time_embed.0.": "time_embedding.linear_1.",
    "time_embed.2.": "time_embedding.linear_2.",
    "label_emb.0.0.": "add_embedding.linear_1.",
    "label_emb.0.2.": "add_embedding.linear_2.",
    "label_emb.weight": "class_embedding.weight",
    "input_blocks.0.0.": "conv_in.",
    "out.0.": "conv_norm_out.",
    "out.2.": "conv_out.",
    "encoder_hid_proj.": "encoder_hid_proj.",
}
"""Everything outside the blocks."""

RESIDUAL: Mapping[str, str] = {
    "in_layers.0.": "norm1.",
    "in_layers.2.": "conv1.",
    "emb_layers.1.": "time_emb_proj.",
    "out_layers.0.": "norm2.",
    "out_layers.3.": "conv2.",
    "skip_connection.": "conv_shortcut.",
}
"""Inside a residual block. Attention blocks have the same names in both."""

MIDDLE: Mapping[str, str] = {"0": "resnets.0.", "1": "attentions.0.", "2": "resnets.1."}


def unet_keys(layout: Layout) -> dict[str, str]:
    """Diffusers' name to the original name, both without a prefix. Names that are in neither table are left out.

    A layout that already has diffusers' names is its own table. Layers that look at boxes (GLIGEN) are left out: they
    are loaded by themselves.
    """
    if "conv_in.weight" in layout:
        return {name: name for name in layout if not _is_of_boxes(name)}
    down, up = _down_places(layout), _up_places(layout)
    keys: dict[str, str] = {}
    for name in layout:
        target = _target(name, down, up)
        if target is not None and not _is_of_boxes(name):
            keys[target] = name
    return keys


def _is_of_boxes(name: str) -> bool:
    return ".fuser." in name or name.startswith("position_net.")


def _down_places(layout: Layout) -> dict[int, str]:
    """Input block number to diffusers' place."""
    places: dict[int, str] = {}
    level = member = 0
    for index in range(1, layout.count("input_blocks.{}.")):
        if f"input_blocks.{index}.0.op.weight" in layout:
            places[index] = f"down_blocks.{level}.downsamplers.0.conv."
            level, member = level + 1, 0
        else:
            places[index] = f"down_blocks.{level}.{{kind}}.{member}."
            member += 1
    return places


def _up_places(layout: Layout) -> dict[int, str]:
    """Output block number to diffusers' place; a block with an upsampling closes its level."""
    places: dict[int, str] = {}
    level = member = 0
    for index in range(layout.count("output_blocks.{}.")):
        places[index] = f"up_blocks.{level}.{{kind}}.{member}."
        member += 1
        if any(f"output_blocks.{index}.{part}.conv.weight" in layout for part in (1, 2)):
            level, member = level + 1, 0
    return places


def _target(name: str, down: Mapping[int, str], up: Mapping[int, str]) -> str | None:
    """Diffusers' name of an original name."""
    for old, new in ENDS.items():
        if name.startswith(old):
            return new + name[len(old) :]
    middle = re.fullmatch(r"middle_block\.([012])\.(.+)", name)
    if middle:
        return "mid_block." + MIDDLE[middle[1]] + _inside(middle[2])
    block = re.fullmatch(r"(input|output)_blocks\.(\d+)\.(\d)\.(.+)", name)
    if not block:
        return None
    side, index, part, rest = block[1], int(block[2]), block[3], block[4]
    place = (down if side == "input" else up)[index]
    if rest.startswith("op."):
        return place + rest.removeprefix("op.")
    if side == "output" and part in "12" and rest.startswith("conv."):
        return re.sub(r"\{kind\}\.\d+\.$", "upsamplers.0.", place) + rest
    return place.format(kind="resnets" if part == "0" else "attentions") + _inside(rest)


def _inside(rest: str) -> str:
    for old, new in RESIDUAL.items():
        if rest.startswith(old):
            return new + rest[len(old) :]
    return rest
