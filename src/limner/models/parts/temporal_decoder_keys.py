"""Names of the tensors of an autoencoder with a temporal decoder: the original layout onto diffusers' network."""

import re
from collections.abc import Mapping

from limner.models.load.layout import Layout
from limner.models.parts.autoencoder_keys import autoencoder_keys

LAST: Mapping[str, str] = {
    "decoder.conv_out.time_mix_conv.": "decoder.time_conv_out.",
}
"""What works along time behind the last convolution."""

TEMPORAL: Mapping[str, str] = {
    "time_stack.in_layers.0.": "temporal_res_block.norm1.",
    "time_stack.in_layers.2.": "temporal_res_block.conv1.",
    "time_stack.out_layers.0.": "temporal_res_block.norm2.",
    "time_stack.out_layers.3.": "temporal_res_block.conv2.",
    "mix_factor": "time_mixer.mix_factor",
}
"""Inside a residual block, beside the picture's part."""


def temporal_decoder_keys(layout: Layout) -> dict[str, str]:
    """Diffusers' name to the file's name, both without a prefix; diffusers' names stay."""
    known = autoencoder_keys(layout)
    if "decoder.time_conv_out.weight" in layout:
        return known
    return {_moved(target): name for target, name in known.items()}


def _moved(target: str) -> str:
    """The name in this network of what the picture's table called otherwise."""
    for old, new in LAST.items():
        if target.startswith(old):
            return new + target.removeprefix(old)
    block = re.fullmatch(r"(decoder\..+\.resnets\.\d+\.)(.+)", target)
    if not block:
        return target
    place, rest = block.groups()
    old = next((old for old in TEMPORAL if rest.startswith(old)), "")
    return place + (TEMPORAL[old] + rest.removeprefix(old) if old else "spatial_res_block." + rest)
