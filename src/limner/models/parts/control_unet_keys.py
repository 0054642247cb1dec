"""Names of a ControlNet's tensors: the original layout onto those of diffusers' ControlNetModel."""

import re
from collections.abc import Mapping

from limner.models.load.layout import Layout
from limner.models.parts.unet_keys import unet_keys

LAST_HINT = 14
"""Number of the last convolution of the original hint block; the others are even too."""

ENDS: Mapping[str, str] = {
    "input_hint_block.0.": "controlnet_cond_embedding.conv_in.",
    f"input_hint_block.{LAST_HINT}.": "controlnet_cond_embedding.conv_out.",
    "middle_block_out.0.": "controlnet_mid_block.",
}


def control_unet_keys(layout: Layout) -> dict[str, str]:
    """Diffusers' name to the file's name, both without a prefix."""
    keys = unet_keys(layout)
    if "conv_in.weight" in layout:
        return keys
    for name in layout:
        target = _target(name)
        if target is not None:
            keys[target] = name
    return keys


def _target(name: str) -> str | None:
    for old, new in ENDS.items():
        if name.startswith(old):
            return new + name[len(old) :]
    zero = re.fullmatch(r"zero_convs\.(\d+)\.0\.(.+)", name)
    if zero:
        return f"controlnet_down_blocks.{zero[1]}.{zero[2]}"
    hint = re.fullmatch(r"input_hint_block\.(\d+)\.(.+)", name)
    return f"controlnet_cond_embedding.blocks.{int(hint[1]) // 2 - 1}.{hint[2]}" if hint else None
