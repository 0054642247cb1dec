"""Names of a UNet's tensors in the original layout against diffusers', as packs that convert files look them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from limner.models.parts.unet_keys import ENDS, RESIDUAL

UNET_MAP_BASIC = frozenset((old + end, new + end) for old, new in ENDS.items() for end in ("weight", "bias"))
"""(original, diffusers) of what is outside the blocks."""

UNET_MAP_RESNET: Mapping[str, str] = {
    old + end: new + end for old, new in RESIDUAL.items() for end in ("weight", "bias")
}
"""Original to diffusers inside a residual block."""

UNET_MAP_ATTENTIONS = frozenset(
    f"{part}.{end}" for part in ("norm", "proj_in", "proj_out") for end in ("weight", "bias")
)
"""Names inside a transformer that both layouts share."""

TRANSFORMER = (
    *(f"norm{number}.{end}" for number in (1, 2, 3) for end in ("weight", "bias")),
    *(f"attn{number}.to_{part}.weight" for number in (1, 2) for part in "qkv"),
    *(f"attn{number}.to_out.0.{end}" for number in (1, 2) for end in ("weight", "bias")),
    *(f"ff.net.{part}.{end}" for part in ("0.proj", "2") for end in ("weight", "bias")),
)
"""Names inside one block of a transformer."""


def unet_to_diffusers(unet_config: Mapping[str, Any]) -> dict[str, str]:
    """Diffusers' names to original ones, for a UNet of a configuration with ``channel_mult`` and its like."""
    levels = len(unet_config["channel_mult"])
    counts = unet_config["num_res_blocks"]
    layers = list(counts) if isinstance(counts, list | tuple) else [counts] * levels
    depths = list(unet_config.get("transformer_depth") or [1] * sum(layers))
    depths_out = list(unet_config.get("transformer_depth_output") or [1] * (sum(layers) + levels))
    names: dict[str, str] = {new: old for old, new in UNET_MAP_BASIC}
    number = 1
    for level in range(levels):
        for member in range(layers[level]):
            _resnet(names, f"down_blocks.{level}.resnets.{member}", f"input_blocks.{number}.0")
            depth = depths.pop(0) if depths else 0
            _transformer(names, f"down_blocks.{level}.attentions.{member}", f"input_blocks.{number}.1", depth)
            number += 1
        _convolution(names, f"down_blocks.{level}.downsamplers.0.conv", f"input_blocks.{number}.0.op")
        number += 1
    _transformer(names, "mid_block.attentions.0", "middle_block.1", unet_config.get("transformer_depth_middle", 1))
    for member, place in enumerate((0, 2)):
        _resnet(names, f"mid_block.resnets.{member}", f"middle_block.{place}")
    number = 0
    for level in range(levels):
        for member in range(layers[levels - 1 - level] + 1):
            _resnet(names, f"up_blocks.{level}.resnets.{member}", f"output_blocks.{number}.0")
            depth = depths_out.pop() if depths_out else 0
            _transformer(names, f"up_blocks.{level}.attentions.{member}", f"output_blocks.{number}.1", depth)
            if member == layers[levels - 1 - level]:
                place = 2 if depth else 1
                _convolution(names, f"up_blocks.{level}.upsamplers.0.conv", f"output_blocks.{number}.{place}.conv")
            number += 1
    return names


def _convolution(names: dict[str, str], new: str, old: str) -> None:
    for end in ("weight", "bias"):
        names[f"{new}.{end}"] = f"{old}.{end}"


def _resnet(names: dict[str, str], new: str, old: str) -> None:
    for original, inside in UNET_MAP_RESNET.items():
        names[f"{new}.{inside}"] = f"{old}.{original}"


def _transformer(names: dict[str, str], new: str, old: str, depth: int) -> None:
    if not depth:
        return
    for part in UNET_MAP_ATTENTIONS:
        names[f"{new}.{part}"] = f"{old}.{part}"
    for block in range(depth):
        for part in TRANSFORMER:
            inside = f"transformer_blocks.{block}.{part}"
            names[f"{new}.{inside}"] = f"{old}.{inside}"
