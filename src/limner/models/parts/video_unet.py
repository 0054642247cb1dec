"""The UNet that sees all frames of a video at once: its configuration read off its tensors, how it is called.

Source: Blattmann et al. 2023, "Stable Video Diffusion", appendix D; the network is diffusers'
UNetSpatioTemporalConditionModel.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from limner.graph.errors import ModelFileError
from limner.models.concat import concat_input
from limner.models.family import InputRequest, Pass
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.unet import PREFIX, find_unet
from limner.models.parts.unet_adapter_names import unet_aliases
from limner.models.parts.unpatched import as_it_is
from limner.models.parts.video_unet_keys import video_unet_keys
from limner.sampling.denoiser import LatentFormat

HEAD_WIDTH = 64
FEATURES = 256
"""Sinusoidal features of each number that is told."""

TOLD: Mapping[str, float] = {"fps": 6.0, "motion_bucket_id": 127.0, "augmentation_level": 0.0}
"""Options of a conditioning entry, in the order in which the network is told them, and their usual values."""

EXACT = frozenset({"told"})
"""Buckets and rates are numbers, not weights."""

MARKS = ("input_blocks.1.0.time_stack.in_layers.0.weight", "down_blocks.0.resnets.0.temporal_res_block.norm1.weight")

AS_STORED = LatentFormat(scale=1.0)
"""The first picture is shown as its autoencoder gave it. Source: Blattmann et al. 2023, their code."""


def find_video_unet(layout: Layout) -> Layout | None:
    """A spatio-temporal UNet's tensors without prefix; None if a file holds none that is told the three numbers."""
    unet = find_unet(layout)
    if unet is None or not any(mark in unet for mark in MARKS):
        return None
    told = unet.shape("label_emb.0.0.weight") or unet.shape("add_embedding.linear_1.weight")
    return unet if told[1:] == (len(TOLD) * FEATURES,) else None


def video_unet_blueprint(layout: Layout) -> Blueprint:
    """How to build and fill the spatio-temporal UNet of a checkpoint or of a file of its own.

    Raises:
        ModelFileError: if there is none.
    """
    unet = find_video_unet(layout)
    if unet is None:
        raise ModelFileError("There is no UNet for videos in this file.")
    names = video_unet_keys(unet)
    prefix = next(prefix for prefix in (PREFIX, "unet.", "") if prefix + next(iter(names.values())) in layout)
    configuration = video_unet_configuration(Layout({target: unet.shape(name) for target, name in names.items()}))
    return Blueprint(
        keys={target: Source((prefix + name,)) for target, name in names.items()},
        build=lambda: _build(configuration),
        aliases=unet_aliases(names),
        addressed=("lora_unet_", "unet.", "diffusion_model."),
        facts={key: configuration[key] for key in ("in_channels", "out_channels", "block_out_channels")},
    )


def video_unet_configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' UNetSpatioTemporalConditionModel from shapes under its own names."""
    levels = range(shapes.count("down_blocks.{}."))
    first = "down_blocks.{}.resnets.0.spatial_res_block.conv1.weight"
    channels = tuple(shapes.shape(first.format(level))[0] for level in levels)
    depths = [shapes.count(f"down_blocks.{level}.attentions.0.transformer_blocks.{{}}.") for level in levels]
    middle = shapes.count("mid_block.attentions.0.transformer_blocks.{}.")
    context = next(shape[1] for name, shape in shapes.shapes.items() if name.endswith("attn2.to_k.weight"))
    return {
        "in_channels": shapes.shape("conv_in.weight")[1],
        "out_channels": shapes.shape("conv_out.weight")[0],
        "block_out_channels": channels,
        "down_block_types": tuple(f"{'CrossAttn' * bool(depth)}DownBlockSpatioTemporal" for depth in depths),
        "up_block_types": tuple(f"{'CrossAttn' * bool(depth)}UpBlockSpatioTemporal" for depth in reversed(depths)),
        "layers_per_block": shapes.count("down_blocks.0.resnets.{}."),
        # The middle takes the depth of the last level.
        "transformer_layers_per_block": (*(max(1, depth) for depth in depths[:-1]), max(1, middle)),
        "num_attention_heads": tuple(width // HEAD_WIDTH for width in channels),
        "cross_attention_dim": context,
        "addition_time_embed_dim": FEATURES,
        "projection_class_embeddings_input_dim": shapes.shape("add_embedding.linear_1.weight")[1],
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import UNetSpatioTemporalConditionModel  # takes a second to import, so only when one is built

    return UNetSpatioTemporalConditionModel(**configuration)


def video_unet_inputs(request: InputRequest) -> dict[str, Tensor]:
    """What a network of this kind is given.

    Shapes: ``context`` [1 t d], ``concat`` [1 c h w], ``told`` [1 3]: the rate of frames less one, as it was trained;
    how much is to move; how much noise lies on the first picture.
    """
    numbers = {name: float(request.entry.get(name, usual)) for name, usual in TOLD.items()}
    numbers["fps"] -= 1.0
    channels = request.latent_format.channels
    return {
        "context": request.context,
        "concat": concat_input(request.entry, request.latent, channels, AS_STORED),
        "told": torch.tensor([list(numbers.values())]),
    }


def video_unet_forward(network: Any, call: Pass) -> Tensor:
    """One pass over all frames of one video; what they are told is the same for all of them."""
    as_it_is(call, "Stable Video Diffusion")
    shown = torch.cat([call.x, call.inputs["concat"].to(call.x)], dim=1)
    output = network(
        shown[None],
        call.timestep[:1],
        encoder_hidden_states=call.inputs["context"][:1],
        added_time_ids=call.inputs["told"][:1],
        return_dict=False,
    )[0]
    return output[0]
