"""The autoencoders of Wan 2.1, Wan 2.2 and Qwen-Image: videos, four frames an element, causal in time.

Source: Wan et al. 2025, section 4.1; the network is diffusers' AutoencoderKLWan, of which Qwen-Image's has the layout.
"""

from collections.abc import Mapping
from typing import Any

from torch import nn

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.load.renaming import named, renamed_sources
from limner.models.parts.wan_keys import LEVELS, flat_table, nested_table
from limner.models.parts.wan_latent import FRAMES

PREFIXES = ("vae.", "first_stage_model.", "")

FLAT, NESTED = "encoder.downsamples.0.residual.2.weight", "encoder.downsamples.0.downsamples.0.residual.2.weight"
"""Marks of the original layouts of Wan 2.1 and 2.2; the network's own follow."""

OWN = ("encoder.mid_block.resnets.0.norm1.gamma", "post_quant_conv.weight")

PIXELS = 8
"""Pixels an element in width and height, times the side of a patch."""


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    for prefix in PREFIXES:
        sources = _sources(layout, prefix)
        if sources is not None:
            return _filled(sources, named(sources, layout))
    return None


def _sources(layout: Layout, prefix: str) -> Mapping[str, Source] | None:
    if prefix + FLAT in layout:
        blocks = _residuals(layout, prefix + "encoder.downsamples.{}.residual.2.weight")
        return renamed_sources(flat_table(blocks), layout, prefix)
    if prefix + NESTED in layout:
        blocks = _residuals(layout, prefix + "encoder.downsamples.0.downsamples.{}.residual.2.weight")
        return renamed_sources(nested_table(blocks), layout, prefix)
    if all(prefix + name in layout for name in OWN):
        return {name: Source((prefix + name,)) for name in layout.under(prefix)}
    return None


def _residuals(layout: Layout, pattern: str) -> int:
    """Residual blocks that come first."""
    count = 0
    while pattern.format(count) in layout:
        count += 1
    return count


def _filled(sources: Mapping[str, Source], shapes: Layout) -> Blueprint:
    nested = "encoder.down_blocks.0.resnets.0.conv1.weight" in shapes
    configuration = _nested(shapes) if nested else _flat(shapes)
    return Blueprint(
        keys=sources,
        build=lambda: _build(configuration),
        facts={
            "latent_channels": configuration["z_dim"],
            "downscale": PIXELS * (configuration["patch_size"] or 1),
        },
    )


def _flat(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLWan for Wan 2.1's."""
    blocks = _residuals(shapes, "encoder.down_blocks.{}.conv1.weight")
    places = [level * (blocks + 1) for level in range(LEVELS)]
    widths = [shapes.shape(f"encoder.down_blocks.{place}.conv1.weight")[0] for place in places]
    joints = [f"encoder.down_blocks.{place - 1}.time_conv.weight" for place in places[1:]]
    return _ends(shapes, widths) | {"num_res_blocks": blocks, "temperal_downsample": [j in shapes for j in joints]}


def _nested(shapes: Layout) -> dict[str, Any]:
    """The same for Wan 2.2's."""
    levels = range(LEVELS)
    widths = [shapes.shape(f"encoder.down_blocks.{level}.resnets.0.conv1.weight")[0] for level in levels]
    joints = [f"encoder.down_blocks.{level}.downsampler.time_conv.weight" for level in levels[:-1]]
    return _ends(shapes, widths) | {
        "num_res_blocks": _residuals(shapes, "encoder.down_blocks.0.resnets.{}.conv1.weight"),
        "temperal_downsample": [joint in shapes for joint in joints],
        "is_residual": True,
    }


def _ends(shapes: Layout, widths: list[int]) -> dict[str, Any]:
    base = shapes.shape("encoder.conv_in.weight")[0]
    channels = shapes.shape("encoder.conv_in.weight")[1]
    patch = round((channels / 3) ** 0.5)
    multiples = [width // base for width in widths]
    return {
        "base_dim": base,
        "decoder_base_dim": shapes.shape("decoder.conv_in.weight")[0] // multiples[-1],
        "z_dim": shapes.shape("post_quant_conv.weight")[0],
        "dim_mult": multiples,
        "in_channels": channels,
        "out_channels": shapes.shape("decoder.conv_out.weight")[0],
        "patch_size": patch if patch > 1 else None,
        "scale_factor_spatial": PIXELS * patch,
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLWan  # takes a second to import, so only when one is built

    return AutoencoderKLWan(**configuration)


WAN = AutoencoderKind(
    name="wan",
    doc="Autoencoders of Wan 2.1 and 2.2 and of Qwen-Image: videos with 16 or 48 channels.",
    blueprint=_blueprint,
    frames=FRAMES,
)
