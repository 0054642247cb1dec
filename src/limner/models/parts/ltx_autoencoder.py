"""LTX-Video's autoencoders, from 0.9.0 to 0.9.8: names of the original layout, and the configuration that shapes imply.

The original layout keeps the blocks of encoder and decoder in one flat row each: groups of residual blocks, samplers,
and single residual blocks that change the width. The network of diffusers keeps them by levels.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout

STATISTICS = "per_channel_statistics."
MEASURED: Mapping[str, str] = {"mean-of-means": "latents_mean", "std-of-means": "latents_std"}
"""What is kept of the statistics of channels."""

PARTS: Mapping[str, str] = {
    ".res_blocks.": ".resnets.",
    ".conv_shortcut.": ".conv_shortcut.conv.",
    ".norm3.norm.": ".norm3.",
    ".last_time_embedder.": ".time_embedder.",
    ".last_scale_shift_table": ".scale_shift_table",
}

TIMED = "decoder.time_embedder.timestep_embedder.linear_1.weight"
"""Marks, in the network, decoders that are told a noise level."""

PACKED: Mapping[int, str] = {2: "temporal", 4: "spatial", 8: "spatiotemporal"}
"""Kinds of downsamplers by the number of places that one packs into channels."""

OLD_BLOCK, LATE_BLOCK = "LTXVideoDownBlock3D", "LTXVideo095DownBlock3D"
"""Classes of an encoder's levels: samplers that convolve with strides, and those that pack, since 0.9.5."""

UNPACKED = 8
"""Places that an upsampler makes of one."""


def original_sources(layout: Layout, prefix: str) -> dict[str, Source]:
    """Where the network's tensors come from, in a file of the original layout.

    Args:
        layout: The file.
        prefix: Where the autoencoder stands in it.
    """
    inside = layout.under(prefix)
    blocks = dict(_encoder_blocks(inside)) | dict(_decoder_blocks(inside))
    names = {name: _network_name(name, blocks) for name in inside}
    return {target: Source((prefix + name,)) for name, target in names.items() if target}


def _network_name(name: str, blocks: Mapping[str, str]) -> str:
    """A tensor's name in the network; empty if it has no place there."""
    if name.startswith(STATISTICS):
        return MEASURED.get(name.removeprefix(STATISTICS), "")
    place = ".".join(name.split(".")[:3])
    moved = blocks[place] + name.removeprefix(place) if place in blocks else name
    for old, new in PARTS.items():
        moved = moved.replace(old, new)
    return moved


def _encoder_blocks(layout: Layout) -> Iterator[tuple[str, str]]:
    """Places of the encoder's blocks in its row, and in the network."""
    row = [f"encoder.down_blocks.{index}" for index in range(layout.count("encoder.down_blocks.{}."))]
    level = -1
    for block in row[:-1]:
        level += _is_group(layout, block)
        yield block, f"encoder.down_blocks.{level}{_part(layout, block, 'downsamplers.0', 'conv_out')}"
    yield row[-1], "encoder.mid_block"


def _decoder_blocks(layout: Layout) -> Iterator[tuple[str, str]]:
    row = [f"decoder.up_blocks.{index}" for index in range(layout.count("decoder.up_blocks.{}."))]
    yield row[0], "decoder.mid_block"
    level = 0
    for block in row[1:]:
        yield block, f"decoder.up_blocks.{level}{_part(layout, block, 'upsamplers.0', 'conv_in')}"
        level += _is_group(layout, block)


def _is_group(layout: Layout, block: str) -> bool:
    return layout.has(f"{block}.res_blocks.")


def _part(layout: Layout, block: str, sampler: str, widening: str) -> str:
    """Which part of its level a block is; nothing for a group, which is the level itself."""
    if _is_group(layout, block):
        return ""
    return f".{widening}" if layout.has(f"{block}.conv1.") else f".{sampler}"


def measured(network: Any) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel, as an autoencoder carries them. Shapes: both [1 c 1 1 1]."""
    mean, deviation = torch.as_tensor(network.latents_mean), torch.as_tensor(network.latents_std)
    return mean.reshape(1, -1, 1, 1, 1), deviation.reshape(1, -1, 1, 1, 1)


def is_late(shapes: Layout) -> bool:
    """Whether the encoder is one of those since 0.9.5. Args: shapes: the network's."""
    return "encoder.down_blocks.0.downsamplers.0.conv.conv.weight" in shapes


def configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLLTXVideo from the shapes of its tensors."""
    return {
        "latent_channels": shapes.shape("decoder.conv_in.conv.weight")[1],
        "timestep_conditioning": TIMED in shapes,
        **_encoder(shapes),
        **_decoder(shapes),
    }


def _encoder(shapes: Layout) -> dict[str, Any]:
    levels = [f"encoder.down_blocks.{level}" for level in range(shapes.count("encoder.down_blocks.{}."))]
    places = [*levels, "encoder.mid_block"]
    widths = _widths(shapes, places)
    found = {
        "layers_per_block": _depths(shapes, places),
        "spatio_temporal_scaling": tuple(shapes.has(f"{level}.downsamplers.") for level in levels),
    }
    if not is_late(shapes):
        return found | {"block_out_channels": widths[:-1], "down_block_types": (OLD_BLOCK,) * len(levels)}
    made = [shapes.shape(f"{level}.downsamplers.0.conv.conv.weight")[0] for level in levels]
    return found | {
        "block_out_channels": widths,
        "down_block_types": (LATE_BLOCK,) * len(levels),
        "downsample_type": tuple(PACKED[width // rows] for width, rows in zip(widths[1:], made, strict=True)),
    }


def _decoder(shapes: Layout) -> dict[str, Any]:
    """Of a decoder, whose arguments are counted from its end.

    Upsamplers that make fewer channels than they would have to add their input to what they made: so all that were
    published. Nothing in a file's tensors says so.
    """
    levels = [f"decoder.up_blocks.{level}" for level in reversed(range(shapes.count("decoder.up_blocks.{}.")))]
    places = [*levels, "decoder.mid_block"]
    factors = tuple(_factor(shapes, f"{level}.upsamplers.0.conv.conv.weight") for level in levels)
    widths = zip(_widths(shapes, levels), factors, strict=True)
    return {
        "decoder_block_out_channels": tuple(width * factor for width, factor in widths),
        "decoder_layers_per_block": _depths(shapes, places),
        "decoder_spatio_temporal_scaling": tuple(shapes.has(f"{level}.upsamplers.") for level in levels),
        "decoder_inject_noise": tuple(f"{place}.resnets.0.per_channel_scale1" in shapes for place in places),
        "upsample_factor": factors,
        "upsample_residual": tuple(factor > 1 for factor in factors),
    }


def _factor(shapes: Layout, sampler: str) -> int:
    """By how much an upsampler makes channels fewer."""
    found = shapes.shape(sampler)
    return UNPACKED * found[1] // found[0] if found else 1


def _widths(shapes: Layout, places: list[str]) -> tuple[int, ...]:
    return tuple(shapes.shape(f"{place}.resnets.0.conv1.conv.weight")[0] for place in places)


def _depths(shapes: Layout, places: list[str]) -> tuple[int, ...]:
    return tuple(shapes.count(place + ".resnets.{}.") for place in places)
