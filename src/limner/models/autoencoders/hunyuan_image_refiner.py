"""The autoencoder of HunyuanImage's refiner: pictures in twice 32 channels, 16 pixels an element.

The network is made for videos. A picture is its first frame, and the refiner knows frames in pairs: so a latent holds
the same channels twice, and the second half is what is decoded.

Source: Tencent 2025, "HunyuanImage 2.1"; the network is diffusers' AutoencoderKLHunyuanImageRefiner.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout

PREFIXES = ("vae.", "first_stage_model.", "")

FIRST, FIRST_DOWN = "encoder.conv_in.conv.weight", "encoder.down.0.downsample.conv.conv.weight"
NORM, OWN_NORM = "encoder.mid.attn_1.norm.gamma", "encoder.mid_block.attentions.0.norm.gamma"
"""Marks: the first convolution, and a norm of the original layout and of the network's own."""

OWN_DOWN = "encoder.down_blocks.0.downsamplers.0.conv.conv.weight"

NAMES: Mapping[str, str] = {
    "mid.block_1.": "mid_block.resnets.0.",
    "mid.block_2.": "mid_block.resnets.1.",
    "mid.attn_1.q.": "mid_block.attentions.0.to_q.",
    "mid.attn_1.k.": "mid_block.attentions.0.to_k.",
    "mid.attn_1.v.": "mid_block.attentions.0.to_v.",
    "mid.attn_1.": "mid_block.attentions.0.",
    ".block.": ".resnets.",
    ".downsample.": ".downsamplers.0.",
    ".upsample.": ".upsamplers.0.",
    "r.down.": "r.down_blocks.",
    "r.up.": "r.up_blocks.",
}
"""Parts of names, from the original layout to the network's own."""

PIXELS = 4
"""Of a block that an element is made of on the way down, where time stays."""


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    for prefix in PREFIXES:
        inside = layout.under(prefix)
        if FIRST not in inside or not (_folds(inside, NORM, FIRST_DOWN) or _folds(inside, OWN_NORM, OWN_DOWN)):
            continue
        names = {_renamed(name): name for name in inside} if NORM in inside else {name: name for name in inside}
        return _filled(inside, prefix, names)
    return None


def _filled(inside: Layout, prefix: str, names: Mapping[str, str]) -> Blueprint:
    configuration = _configuration(Layout({target: inside.shape(name) for target, name in names.items()}))
    return Blueprint(
        keys={target: Source((prefix + name,)) for target, name in names.items()},
        build=lambda: _build(configuration),
        facts={
            "latent_channels": 2 * configuration["latent_channels"],
            "downscale": configuration["spatial_compression_ratio"],
        },
    )


def _folds(inside: Layout, norm: str, down: str) -> bool:
    """Whether there is the norm, and going down a level folds pixels into channels."""
    shape = inside.shape(down)
    return norm in inside and len(shape) == 5 and shape[0] < shape[1]


def _renamed(name: str) -> str:
    for old, new in NAMES.items():
        name = name.replace(old, new)
    return name


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLHunyuanImageRefiner from shapes under its own names."""
    levels = range(shapes.count("encoder.down_blocks.{}."))
    places = (f"encoder.down_blocks.{level}.resnets.0.conv1.conv.weight" for level in levels)
    downs = [f"encoder.down_blocks.{level}.downsamplers.0.conv.conv.weight" for level in levels]
    widths = [shapes.shape(place)[0] for place in places]
    folded = [level for level in levels if downs[level] in shapes]
    timed = [level for level in folded if shapes.shape(downs[level])[0] * PIXELS < widths[level + 1]]
    return {
        "in_channels": shapes.shape(FIRST)[1],
        "out_channels": shapes.shape("decoder.conv_out.conv.weight")[0],
        "latent_channels": shapes.shape("decoder.conv_in.conv.weight")[1],
        "block_out_channels": tuple(widths),
        "layers_per_block": shapes.count("encoder.down_blocks.0.resnets.{}."),
        "spatial_compression_ratio": 2 ** len(folded),
        "temporal_compression_ratio": 2 ** len(timed),
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLHunyuanImageRefiner  # takes a second to import, so only when one is built

    return AutoencoderKLHunyuanImageRefiner(**configuration)


def _encoded(network: Any, pictures: Tensor) -> Tensor:
    """The mean of the latent distribution, twice. Shapes: pictures [b 3 h w]; returns [b 2c h/16 w/16]."""
    mean = network.encode(pictures.unsqueeze(2)).latent_dist.mean.squeeze(2)
    return torch.cat([mean, mean], dim=1)


def _decoded(network: Any, latents: Tensor) -> Tensor:
    """The picture of the second half of the channels. Shapes: latents [b 2c h w]; returns [b 3 16h 16w]."""
    second = latents[:, latents.shape[1] // 2 :]
    return network.decode(second.unsqueeze(2), return_dict=False)[0].squeeze(2)


HUNYUAN_IMAGE_REFINER = AutoencoderKind(
    name="hunyuan_image_refiner",
    doc="Autoencoder of HunyuanImage's refiner, with twice 32 channels.",
    blueprint=_blueprint,
    encode=_encoded,
    decode=_decoded,
)
