"""ESRGAN and Real-ESRGAN: residual in residual dense blocks, then nearest enlargements with a convolution after each.

Three layouts of the same network are in use: that of the first release (numbered layers), that of its second release,
and that of Real-ESRGAN. Channels, depth and scale follow from shapes. A network that sees the picture with its squares
of pixels laid into channels (pixel unshuffle) enlarges by so much less. What shapes cannot tell: a numbered network
with one enlargement is read as twofold.

Source: Wang et al. 2018, "ESRGAN", section 3.1; Wang et al. 2021, "Real-ESRGAN", section 3.2.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.upscalers.upscaler import UpscalerKind

DENSE, LAYERS = 3, 5
"""Dense blocks of a residual block, convolutions of a dense block."""

RESIDUAL_SCALE = 0.2
SLOPE = 0.2
"""Of leaky rectifiers."""

PREFIXES = ("params_ema.", "params.", "model_g.", "")
"""Under which training programs keep the weights; averaged ones first."""


@dataclass(frozen=True)
class RrdbShape:
    """What the shapes say.

    Attributes:
        channels: Of the pictures.
        unshuffle: Side of the squares of pixels that are laid into channels.
        features: Channels inside.
        growth: What each layer of a dense block adds to them.
        blocks: Residual blocks.
        rises: Enlargements by two.
    """

    channels: int
    unshuffle: int
    features: int
    growth: int
    blocks: int
    rises: int


@dataclass(frozen=True)
class Naming:
    """How a layout calls its convolutions; blocks, layers and enlargements by number."""

    first: str
    layer: str
    joined: str
    rise: str
    detail: str
    last: str


NAMINGS = (
    Naming("conv_first", "body.{block}.rdb{dense}.conv{layer}", "conv_body", "conv_up{rise}", "conv_hr", "conv_last"),
    Naming(
        "conv_first", "RRDB_trunk.{block}.RDB{dense}.conv{layer}", "trunk_conv", "upconv{rise}", "HRconv", "conv_last"
    ),
)


class DenseBlock(nn.Module):
    """Convolutions of which each sees the results of all before it."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        widths = [growth] * (LAYERS - 1) + [features]
        self.layers = nn.ModuleList(
            nn.Conv2d(features + index * growth, width, 3, padding=1) for index, width in enumerate(widths)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: [b features h w], returns alike."""
        seen = x
        for layer in self.layers[:-1]:
            seen = torch.cat([seen, functional.leaky_relu(layer(seen), SLOPE)], dim=1)
        return x + RESIDUAL_SCALE * self.layers[-1](seen)


class ResidualBlock(nn.Module):
    """Dense blocks under a residual of their own."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.ModuleList(DenseBlock(features, growth) for _ in range(DENSE))

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: [b features h w], returns alike."""
        result = x
        for block in self.dense:
            result = block(result)
        return x + RESIDUAL_SCALE * result


class RrdbNetwork(nn.Module):
    """The whole network."""

    def __init__(self, shape: RrdbShape) -> None:
        super().__init__()
        convolution = partial(nn.Conv2d, kernel_size=3, padding=1)
        self.unshuffle = shape.unshuffle
        self.first = convolution(shape.channels * shape.unshuffle**2, shape.features)
        self.blocks = nn.ModuleList(ResidualBlock(shape.features, shape.growth) for _ in range(shape.blocks))
        self.joined = convolution(shape.features, shape.features)
        self.rises = nn.ModuleList(convolution(shape.features, shape.features) for _ in range(shape.rises))
        self.detail = convolution(shape.features, shape.features)
        self.last = convolution(shape.features, shape.channels)

    def forward(self, picture: Tensor) -> Tensor:
        """Shapes: [b c h w] in 0..1; returns [b c scale*h scale*w]."""
        x = functional.pixel_unshuffle(picture, self.unshuffle)
        x = result = self.first(x)
        for block in self.blocks:
            result = block(result)
        x = x + self.joined(result)
        for rise in self.rises:
            x = functional.leaky_relu(rise(functional.interpolate(x, scale_factor=2, mode="nearest")), SLOPE)
        return self.last(functional.leaky_relu(self.detail(x), SLOPE))


def _numbered(layout: Layout) -> Naming:
    """How the first release calls its layers: the place of each in a list that also counts those without weights."""
    blocks = layout.count("model.1.sub.{}.RDB1.")
    places = [int(name.split(".")[1]) for name in layout if re.fullmatch(r"model\.\d{1,3}\.weight", name)]
    rises = max(0, (max(places, default=0) - 4) // 3)
    return Naming(
        first="model.0",
        layer="model.1.sub.{block}.RDB{dense}.conv{layer}.0",
        joined=f"model.1.sub.{blocks}",
        rise="model.{place}",
        detail=f"model.{2 + 3 * rises}",
        last=f"model.{4 + 3 * rises}",
    )


def _read(layout: Layout, naming: Naming) -> RrdbShape | None:
    """The shape of a network called so; None if it is none."""
    first, last = layout.shape(f"{naming.first}.weight"), layout.shape(f"{naming.last}.weight")
    layer = layout.shape(f"{naming.layer.format(block=0, dense=1, layer=1)}.weight")
    if not (len(first) == len(last) == len(layer) == 4) or first[1] % last[0]:
        return None
    unshuffle = round((first[1] // last[0]) ** 0.5)
    if unshuffle**2 * last[0] != first[1]:
        return None
    blocks = rises = 0
    while f"{naming.layer.format(block=blocks, dense=1, layer=1)}.weight" in layout:
        blocks += 1
    while f"{naming.rise.format(rise=rises + 1, place=3 * rises + 3)}.weight" in layout:
        rises += 1
    return RrdbShape(last[0], unshuffle, first[0], layer[0], blocks, rises)


def _keys(naming: Naming, shape: RrdbShape) -> dict[str, str]:
    """Convolutions of the network and what the layout calls them."""
    names = {"first": naming.first, "joined": naming.joined, "detail": naming.detail, "last": naming.last}
    for block in range(shape.blocks):
        for dense in range(DENSE):
            for layer in range(LAYERS):
                given = naming.layer.format(block=block, dense=dense + 1, layer=layer + 1)
                names[f"blocks.{block}.dense.{dense}.layers.{layer}"] = given
    for rise in range(shape.rises):
        names[f"rises.{rise}"] = naming.rise.format(rise=rise + 1, place=3 * rise + 3)
    return {f"{ours}.{part}": f"{theirs}.{part}" for ours, theirs in names.items() for part in ("weight", "bias")}


def rrdb_blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the network of a file; None if it holds another one."""
    prefix = next(prefix for prefix in PREFIXES if layout.has(prefix))
    inside = layout.under(prefix) if prefix else layout
    for naming in (*NAMINGS, _numbered(inside)):
        shape = _read(inside, naming)
        if shape is None:
            continue
        keys = _keys(naming, shape)
        if set(keys.values()) == set(inside):
            return _blueprint(shape, prefix, keys)
    return None


def _blueprint(shape: RrdbShape, prefix: str, keys: Mapping[str, str]) -> Blueprint | None:
    scale, rest = divmod(2**shape.rises, shape.unshuffle)
    if rest:
        return None
    return Blueprint(
        keys={ours: Source((prefix + theirs,)) for ours, theirs in keys.items()},
        build=lambda: RrdbNetwork(shape),
        facts={**vars(shape), "scale": scale, "multiple": shape.unshuffle},
    )


RRDB = UpscalerKind(
    name="rrdb",
    doc="ESRGAN and Real-ESRGAN: residual in residual dense blocks.",
    blueprint=rrdb_blueprint,
)
