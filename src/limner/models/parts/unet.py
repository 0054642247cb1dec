"""The UNet of the Stable Diffusion line: its configuration read off its tensors, and its blueprint.

Nothing is looked up by the name of a model: channels, levels, depth of the transformers, context width, conditioning
vector and the kind of projections all follow from shapes, so fine-tunes, inpainting versions and small networks of the
same kind load alike. What shapes cannot tell (how attention is split into heads) is the family's to say.
Source: Rombach et al. 2022 (SD), Podell et al. 2023 (SDXL).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from limner.graph.errors import ModelFileError
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.unet_adapter_names import unet_aliases, unet_sources
from limner.models.parts.unet_keys import unet_keys

PREFIX = "model.diffusion_model."
"""Where checkpoints keep their UNet."""

TIME_FEATURES = 256
"""Sinusoidal features per number (size, crop ...) in the conditioning vector of SDXL."""

TOLD_NUMBERS, TOLD_LABEL = "add_embedding.", "class_embedding."
"""Where the network has the layers of its conditioning vector: pooled text and numbers, or the vector as it is."""

OF_OTHERS = ("label_emb.weight", "class_embedding.weight", "time_stack", "temporal_")
"""Parts of names that only networks of another kind have: upscalers that are told a level, networks for videos."""

WHOLE_MIDDLE = 2
"""Residual blocks in the middle of a network that nobody made smaller."""

Heads = Callable[[int], int]
"""Channels of a level to its number of attention heads."""


@dataclass(frozen=True)
class UnetShape:
    """What the shapes of a UNet say.

    Attributes:
        in_channels: 4; 9 with mask and masked latent, 8 with one more latent.
        out_channels: Channels of the output.
        channels: Per level, largest picture first.
        layers: Residual blocks per level on the way down.
        depths: Transformer blocks per attention, per level; 0 without attention.
        middle_depth: The same in the middle; 0 without attention.
        context: Width of the text.
        vector: Length of the conditioning vector of SDXL's and unCLIP's networks; 0 without one.
        linear: Whether attention is wrapped in linear layers instead of 1x1 convolutions.
        unprojected: Width of the text before a layer that brings it to the context's width; 0 without one.
        middle: Residual blocks in the middle: 2; distilled networks have fewer.
        up_depths: Transformer blocks per attention on the way up, where they are not those of the way down: by level,
            smallest picture first.
    """

    in_channels: int
    out_channels: int
    channels: tuple[int, ...]
    layers: int
    depths: tuple[int, ...]
    middle_depth: int
    context: int
    vector: int
    linear: bool
    unprojected: int = 0
    middle: int = WHOLE_MIDDLE
    up_depths: tuple[tuple[int, ...], ...] = ()


def find_unet(layout: Layout) -> Layout | None:
    """The UNet's tensors in a checkpoint or in a file of its own, without prefix; None if there is none."""
    for prefix in (PREFIX, "", "unet."):
        first = layout.shape(f"{prefix}input_blocks.0.0.weight") or layout.shape(f"{prefix}conv_in.weight")
        if len(first) == 4 and layout.has(f"{prefix}time_embed"):
            return layout.under(prefix) if prefix else layout
    return None


def read_unet(layout: Layout) -> UnetShape | None:
    """Reads a UNet's shape; None if the layout holds no UNet of this kind (video, upscaler, other conditioning)."""
    unet = find_unet(layout)
    if unet is None or any(part in name for name in unet for part in OF_OTHERS):
        return None
    named = named_layout(unet)
    if not named.has("up_blocks.0.resnets.0."):
        return None
    return shape_of(named)


def shape_of(named: Layout) -> UnetShape | None:
    """The shape of a UNet, or of the input half of one, by diffusers' names; None if it has no attention to text."""
    levels = named.count("down_blocks.{}.")
    attention = "down_blocks.{}.attentions.0.transformer_blocks.{{}}."
    to_key = next((shape for name, shape in named.shapes.items() if name.endswith("attn2.to_k.weight")), None)
    projection = next((shape for name, shape in named.shapes.items() if name.endswith("proj_in.weight")), None)
    if to_key is None or projection is None:
        return None
    return UnetShape(
        in_channels=named.shape("conv_in.weight")[1],
        out_channels=(named.shape("conv_out.weight") or (0,))[0],
        channels=tuple(named.shape(f"down_blocks.{level}.resnets.0.conv1.weight")[0] for level in range(levels)),
        layers=named.count("down_blocks.0.resnets.{}."),
        depths=tuple(named.count(attention.format(level)) for level in range(levels)),
        middle_depth=named.count("mid_block.attentions.0.transformer_blocks.{}."),
        context=to_key[1],
        vector=(
            named.shape("add_embedding.linear_1.weight") or named.shape("class_embedding.linear_1.weight") or (0, 0)
        )[1],
        linear=len(projection) == 2,
        unprojected=(named.shape("encoder_hid_proj.weight") or (0, 0))[1],
        middle=named.count("mid_block.resnets.{}."),
        up_depths=_up_depths(named, levels),
    )


def _up_depths(named: Layout, levels: int) -> tuple[tuple[int, ...], ...]:
    """Transformer blocks on the way up; none if each level has those of the way down, as far as that can be seen."""
    blocks = "{}_blocks.{}.attentions.{}.transformer_blocks.{{}}."
    up = tuple(
        tuple(
            named.count(blocks.format("up", level, number))
            for number in range(named.count(f"up_blocks.{level}.attentions.{{}}."))
        )
        for level in range(levels)
    )
    down = [named.count(blocks.format("down", level, 0)) for level in reversed(range(levels))]
    if not named.has("up_blocks.") or all(set(depths) <= {own} for depths, own in zip(up, down, strict=True)):
        return ()
    return tuple(depths or (1,) for depths in up)


def named_layout(unet: Layout) -> Layout:
    """The layout under the network's own names."""
    return Layout({target: unet.shape(name) for target, name in unet_keys(unet).items()}, unet.metadata)


def unet_blueprint(layout: Layout, heads: Heads, *, labelled: bool = False) -> Blueprint:
    """How to build and fill the UNet of a checkpoint or of a file of its own.

    Args:
        layout: The file.
        heads: Channels of a level to its number of attention heads.
        labelled: Whether its conditioning vector is added as it is, as labels of classes are; else it is pooled text
            and numbers.

    Raises:
        ModelFileError: if it is a UNet whose levels differ in a way that diffusers' network cannot have.
    """
    shape, unet = read_unet(layout), find_unet(layout)
    if shape is None or unet is None:
        raise ModelFileError("There is no UNet of the Stable Diffusion line in this file.")
    prefix = next(prefix for prefix in (PREFIX, "unet.", "") if layout.has(prefix) and _holds(layout, prefix))
    names = unet_keys(unet)
    configuration = unet_configuration(shape, heads)
    if labelled:
        names = {target.replace(TOLD_NUMBERS, TOLD_LABEL): name for target, name in names.items()}
        configuration |= {"addition_embed_type": None, "class_embed_type": "projection"}
    return Blueprint(
        keys=unet_sources(names, prefix),
        build=lambda: _build(configuration),
        aliases=unet_aliases(names),
        addressed=("lora_unet_", "unet.", "diffusion_model."),
        facts={key: value for key, value in vars(shape).items() if value},
    )


def _holds(layout: Layout, prefix: str) -> bool:
    return f"{prefix}input_blocks.0.0.weight" in layout or f"{prefix}conv_in.weight" in layout


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import UNet2DConditionModel  # takes a second to import, so only when one is built

    return UNet2DConditionModel(**configuration)


def unet_configuration(shape: UnetShape, heads: Heads) -> dict[str, Any]:
    """Arguments of diffusers' UNet2DConditionModel.

    Raises:
        ModelFileError: if the middle's depth cannot be had there.
    """
    crossed = tuple(depth > 0 for depth in shape.depths)
    whole = shape.middle == WHOLE_MIDDLE
    if whole and crossed[-1] and shape.middle_depth != shape.depths[-1]:
        raise ModelFileError(
            f"The middle of this UNet has {shape.middle_depth} transformer blocks and its last level "
            f"{shape.depths[-1]}: such distilled networks are not supported yet."
        )
    depths = [max(depth, 1) for depth in shape.depths]
    if whole:
        depths[-1] = max(shape.middle_depth, 1)  # the network's middle takes the depth of the last level
    configuration: dict[str, Any] = {
        "in_channels": shape.in_channels,
        "out_channels": shape.out_channels,
        "block_out_channels": shape.channels,
        "layers_per_block": shape.layers,
        "down_block_types": tuple("CrossAttnDownBlock2D" if cross else "DownBlock2D" for cross in crossed),
        "up_block_types": tuple("CrossAttnUpBlock2D" if cross else "UpBlock2D" for cross in reversed(crossed)),
        "transformer_layers_per_block": tuple(depths),
        "attention_head_dim": tuple(heads(channels) for channels in shape.channels),  # the network means heads
        "cross_attention_dim": shape.context,
        "use_linear_projection": shape.linear,
        "norm_num_groups": min(32, shape.channels[0] // 4),  # 32 for every published network
    }
    if shape.vector:
        configuration |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": TIME_FEATURES,
            "projection_class_embeddings_input_dim": shape.vector,
        }
    if not whole:
        configuration["mid_block_type"] = "UNetMidBlock2D" if shape.middle else None
    if shape.up_depths:
        configuration["reverse_transformer_layers_per_block"] = shape.up_depths
    if shape.unprojected:
        configuration |= {"encoder_hid_dim": shape.unprojected, "encoder_hid_dim_type": "text_proj"}
    return configuration
