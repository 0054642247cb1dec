"""The autoencoder of HunyuanImage 2.1: pictures in 64 channels, 32 pixels an element.

Source: Tencent 2025, "HunyuanImage 2.1"; the network is diffusers' AutoencoderKLHunyuanImage, whose levels stand one
behind the other in one list.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.load.renaming import found_rule

PREFIXES = ("vae.", "first_stage_model.", "")

FIRST, FIRST_DOWN = "encoder.conv_in.weight", "encoder.down.0.downsample.conv.weight"
OWN = ("encoder.down_blocks.0.conv1.weight", "encoder.mid_block.attentions.0.proj.weight", "encoder.norm_out.weight")
"""Marks: of the original layout, and of the network's own."""

MIDDLE = {
    "block_1": "resnets.0",
    "block_2": "resnets.1",
    "attn_1.norm": "attentions.0.norm",
    "attn_1.q": "attentions.0.to_q",
    "attn_1.k": "attentions.0.to_k",
    "attn_1.v": "attentions.0.to_v",
    "attn_1.proj_out": "attentions.0.proj",
}
PARTS = ("norm1", "conv1", "norm2", "conv2", "conv_shortcut")
PIXELS, SAMPLE = 4, 384
"""Of a block that an element is made of on the way down; side of tiles, which are not the network's business here."""


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    for prefix in PREFIXES:
        inside = layout.under(prefix)
        if _original(inside):
            table = dict(_table(inside))
            return _filled({_renamed(table, name): (prefix + name, inside.shape(name)) for name in inside})
        if all(name in inside for name in OWN):
            return _filled({name: (prefix + name, inside.shape(name)) for name in inside})
    return None


def _original(inside: Layout) -> bool:
    """Whether going down a level folds pixels into channels: so it has fewer channels of its own than come in."""
    down = inside.shape(FIRST_DOWN)
    return bool(down) and FIRST in inside and down[0] < down[1]


def _table(inside: Layout) -> Iterator[tuple[str, str]]:
    """The original names of modules to those of the network."""
    for half, way, sampler in (("encoder", "down", "downsample"), ("decoder", "up", "upsample")):
        yield from ((f"{half}.mid.{old}", f"{half}.mid_block.{new}") for old, new in _middle())
        place = 0
        for level in range(inside.count(f"{half}.{way}.{{}}.")):
            for block in range(inside.count(f"{half}.{way}.{level}.block.{{}}.")):
                old, new = f"{half}.{way}.{level}.block.{block}", f"{half}.{way}_blocks.{place}"
                yield from ((f"{old}.{part}", f"{new}.{part}") for part in PARTS)
                yield f"{old}.nin_shortcut", f"{new}.conv_shortcut"
                place += 1
            if inside.has(f"{half}.{way}.{level}.{sampler}."):
                yield f"{half}.{way}.{level}.{sampler}.conv", f"{half}.{way}_blocks.{place}.conv"
                place += 1


def _middle() -> Iterator[tuple[str, str]]:
    for old, new in MIDDLE.items():
        if old.startswith("block"):
            yield from ((f"{old}.{part}", f"{new}.{part}") for part in PARTS)
        else:
            yield old, new


def _renamed(table: Mapping[str, str], name: str) -> str:
    rule, _, rest = found_rule(table, name)
    return name if rule is None else f"{rule}{rest}"


def _filled(names: Mapping[str, tuple[str, tuple[int, ...]]]) -> Blueprint:
    """From the network's names to the file's, with their shapes there."""
    shapes = Layout({target: _flat_shape(shape) for target, (_, shape) in names.items()})
    configuration = _configuration(shapes)
    return Blueprint(
        keys={target: _source(name, shape) for target, (name, shape) in names.items()},
        build=lambda: _build(configuration),
        facts={
            "latent_channels": configuration["latent_channels"],
            "downscale": configuration["spatial_compression_ratio"],
        },
    )


def _flat_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape[:2], *shape[3:]) if len(shape) == 5 else shape


def _source(name: str, shape: tuple[int, ...]) -> Source:
    """Files that were made for videos keep convolutions with one frame."""
    return Source((name,), _still, _flat_shape(shape)) if len(shape) == 5 else Source((name,))


def _still(weight: Tensor) -> Tensor:
    return weight.squeeze(2)


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLHunyuanImage from shapes under its own names."""
    widths, blocks = [shapes.shape(FIRST)[0]], 0
    count = shapes.count("encoder.down_blocks.{}.")
    for place in range(count):
        down = shapes.shape(f"encoder.down_blocks.{place}.conv.weight")
        if down:
            widths.append(down[0] * PIXELS)
        elif len(widths) == 1:
            blocks += 1
    return {
        "in_channels": shapes.shape(FIRST)[1],
        "out_channels": shapes.shape("decoder.conv_out.weight")[0],
        "latent_channels": shapes.shape("decoder.conv_in.weight")[1],
        "block_out_channels": tuple(widths),
        "layers_per_block": blocks,
        "spatial_compression_ratio": 2 ** (len(widths) - 1),
        "sample_size": SAMPLE,
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLHunyuanImage  # takes a second to import, so only when one is built

    return AutoencoderKLHunyuanImage(**configuration)


HUNYUAN_IMAGE = AutoencoderKind(
    name="hunyuan_image",
    doc="Autoencoder of HunyuanImage 2.1, with 64 channels.",
    blueprint=_blueprint,
)
