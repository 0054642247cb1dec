"""Names of an autoencoder's tensors: the original layout and older diffusers names onto diffusers' AutoencoderKL."""

import re
from collections.abc import Mapping

from limner.models.load.layout import Layout

MIDDLE: Mapping[str, str] = {
    "block_1.": "mid_block.resnets.0.",
    "block_2.": "mid_block.resnets.1.",
    "attn_1.norm.": "mid_block.attentions.0.group_norm.",
    "attn_1.q.": "mid_block.attentions.0.to_q.",
    "attn_1.k.": "mid_block.attentions.0.to_k.",
    "attn_1.v.": "mid_block.attentions.0.to_v.",
    "attn_1.proj_out.": "mid_block.attentions.0.to_out.0.",
}

OLDER: Mapping[str, str] = {
    "attentions.0.query.": "attentions.0.to_q.",
    "attentions.0.key.": "attentions.0.to_k.",
    "attentions.0.value.": "attentions.0.to_v.",
    "attentions.0.proj_attn.": "attentions.0.to_out.0.",
}
"""Diffusers' names before 2023."""


def autoencoder_keys(layout: Layout) -> dict[str, str]:
    """Diffusers' name to the file's name, both without a prefix. Other tensors (losses, EMA) are left out."""
    if layout.has("encoder.down_blocks.") or layout.has("decoder.up_blocks."):
        return {_newer(name): name for name in layout if name.startswith(("encoder.", "decoder.", "quant", "post"))}
    levels = layout.count("decoder.up.{}.")
    keys: dict[str, str] = {}
    for name in layout:
        target = _target(name, levels)
        if target is not None:
            keys[target] = name
    return keys


def _newer(name: str) -> str:
    for old, new in OLDER.items():
        name = name.replace(old, new)
    return name


def _target(name: str, levels: int) -> str | None:
    """Diffusers' name of an original name; the way up is numbered the other way round."""
    if name.startswith(("quant_conv.", "post_quant_conv.")):
        return name
    place = re.fullmatch(r"(encoder|decoder)\.(.+)", name)
    if not place:
        return None
    side, rest = place[1], place[2]
    if rest.startswith(("conv_in.", "conv_out.")):
        return name
    if rest.startswith("norm_out."):
        return f"{side}.conv_norm_out.{rest.removeprefix('norm_out.')}"
    if rest.startswith("mid."):
        return _middle(side, rest.removeprefix("mid."))
    block = re.fullmatch(r"(down|up)\.(\d+)\.(block\.(\d+)|downsample|upsample)\.(.+)", rest)
    if not block:
        return None
    level = int(block[2]) if block[1] == "down" else levels - 1 - int(block[2])
    member = f"resnets.{block[4]}" if block[4] else f"{block[3]}rs.0"
    return f"{side}.{block[1]}_blocks.{level}.{member}.{_shortcut(block[5])}"


def _middle(side: str, rest: str) -> str | None:
    for old, new in MIDDLE.items():
        if rest.startswith(old):
            return f"{side}.{new}{_shortcut(rest[len(old) :])}"
    return None


def _shortcut(rest: str) -> str:
    return rest.replace("nin_shortcut.", "conv_shortcut.")
