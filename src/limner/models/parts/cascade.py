"""The two diffusion networks of Stable Cascade: their configuration read off their tensors, how they are built.

Source: Pernias et al. 2023, "Wuerstchen: an efficient architecture for large-scale text-to-image diffusion models";
the network is diffusers' StableCascadeUNet.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from limner.models.family import InputRequest
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import named
from limner.models.parts.transformer import PREFIXES, as_stored, converted, transformer_blueprint

FOLDERS = ("prior.", "decoder.")
"""Where folders of diffusers keep the two networks."""

HEAD_WIDTH = 64

FIRST = "down_blocks.0.0.depthwise.weight"
TEXT, LATENT = "clip_txt_mapper.weight", "effnet_mapper.0.weight"
"""What only the first network has, which reads the text, and only the second, which sees the first one's latent."""

KINDS: Mapping[str, str] = {
    "depthwise.weight": "SDCascadeResBlock",
    "mapper.weight": "SDCascadeTimestepBlock",
    "kv_mapper.1.weight": "SDCascadeAttnBlock",
}
"""A tensor of each kind of block."""

CONDITIONS = ("sca", "crp")
"""Further numbers that blocks may be told; none of them is in use."""

UNUSED = -1
"""Heads of levels without attention."""


def find_cascade(layout: Layout, mark: str) -> str | None:
    """The prefix under which a file keeps a network of Stable Cascade with a mark; None if it has none."""
    places = (*PREFIXES, *FOLDERS)
    return next((prefix for prefix in places if prefix + FIRST in layout and prefix + mark in layout), None)


def cascade_blueprint(layout: Layout, mark: str, side: int) -> Blueprint:
    """How to build and fill one of the networks.

    Args:
        layout: The file.
        mark: ``TEXT`` or ``LATENT``.
        side: Latent elements along a patch, which no shape tells.
    """
    prefix = str(find_cascade(layout, mark))
    original = any(name.endswith(("attn.in_proj_weight", "clip_mapper.weight")) for name in layout)
    sources = converted(_convert, layout, prefix) if original else as_stored(layout, prefix)
    configuration = cascade_configuration(named(sources, layout), side)
    facts = {"effnet_in_channels": configuration["effnet_in_channels"]}
    return transformer_blueprint("StableCascadeUNet", configuration, sources, prefix, facts)


def _convert(state: dict[str, Tensor]) -> Mapping[str, Tensor]:
    from diffusers.loaders.single_file_utils import convert_stable_cascade_unet_single_file_to_diffusers

    return convert_stable_cascade_unet_single_file_to_diffusers(state)


def cascade_configuration(shapes: Layout, side: int) -> dict[str, Any]:
    """Arguments of diffusers' StableCascadeUNet from shapes under its own names."""
    levels = range(shapes.count("down_blocks.{}."))
    widths = tuple(shapes.shape(f"down_blocks.{level}.0.depthwise.weight")[0] for level in levels)
    types = tuple(_types(shapes, level) for level in levels)
    crossed = [KINDS["kv_mapper.1.weight"] in kinds for kinds in types]
    conditioning = next(shape[1] for name, shape in shapes.shapes.items() if name.endswith("kv_mapper.1.weight"))
    pooled = shapes.shape("clip_txt_pooled_mapper.weight")
    return {
        "in_channels": shapes.shape("embedding.1.weight")[1] // side**2,
        "out_channels": shapes.shape("clf.1.weight")[0] // side**2,
        "patch_size": side,
        "timestep_ratio_embedding_dim": shapes.shape("down_blocks.0.1.mapper.weight")[1],
        "conditioning_dim": conditioning,
        "block_out_channels": widths,
        "num_attention_heads": tuple(
            width // HEAD_WIDTH if cross else UNUSED for width, cross in zip(widths, crossed, strict=True)
        ),
        "down_num_layers_per_block": tuple(_layers(shapes, f"down_blocks.{level}") for level in levels),
        "up_num_layers_per_block": tuple(_layers(shapes, f"up_blocks.{level}") for level in levels),
        "down_blocks_repeat_mappers": tuple(shapes.count(f"down_repeat_mappers.{level}.{{}}.") + 1 for level in levels),
        "up_blocks_repeat_mappers": tuple(shapes.count(f"up_repeat_mappers.{level}.{{}}.") + 1 for level in levels),
        "block_types_per_layer": types,
        "clip_text_in_channels": _width(shapes, TEXT),
        "clip_text_pooled_in_channels": pooled[1],
        "clip_image_in_channels": _width(shapes, "clip_img_mapper.weight"),
        "clip_seq": pooled[0] // conditioning,
        "effnet_in_channels": _width(shapes, LATENT),
        "pixel_mapper_in_channels": _width(shapes, "pixels_mapper.0.weight"),
        "dropout": 0.0,  # the default has two levels only
        "kernel_size": shapes.shape(FIRST)[-1],
        "timestep_conditioning_type": tuple(
            name for name in CONDITIONS if f"down_blocks.0.1.mapper_{name}.weight" in shapes
        ),
        # Levels of one size are joined by a layer where others are halved by a convolution.
        "switch_level": (False,) * (len(widths) - 1) if shapes.has("down_downscalers.1.1.blocks.") else None,
    }


def _width(shapes: Layout, name: str) -> int | None:
    """What a layer takes; None if there is none."""
    shape = shapes.shape(name)
    return shape[1] if shape else None


def _blocks(shapes: Layout, place: str) -> list[str]:
    """The kinds of a level's blocks, in their order."""
    return [
        next(kind for mark, kind in KINDS.items() if f"{place}.{number}.{mark}" in shapes)
        for number in range(shapes.count(f"{place}.{{}}."))
    ]


def _types(shapes: Layout, level: int) -> tuple[str, ...]:
    """The kinds of blocks that make up a layer of a level."""
    blocks = _blocks(shapes, f"down_blocks.{level}")
    return tuple(blocks[: len(blocks) // _layers(shapes, f"down_blocks.{level}")])


def _layers(shapes: Layout, place: str) -> int:
    """How many layers a level has; each begins with a residual block."""
    return _blocks(shapes, place).count(KINDS["depthwise.weight"])


def pooled_text(request: InputRequest, width: int) -> Tensor:
    """The text as one vector; nothing where the entry has none. Shapes: returns [1 1 width]."""
    found = request.entry.get("pooled_output")
    text = request.context.new_zeros(1, width) if found is None else found[:1]
    return text[:, None].float()
