"""Real-ESRGAN's compact network: plain convolutions at the picture's own size, whose last one makes all new pixels.

What it adds is added to the picture enlarged without smoothing.

Source: Wang et al. 2021, "Real-ESRGAN", the released models ``realesr-general`` and ``realesr-animevideo``; Shi et al.
2016, "Real-time single image and video super-resolution" (pixel shuffle).
"""

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.upscalers.upscaler import UpscalerKind

PREFIXES = ("params_ema.", "params.", "")


@dataclass(frozen=True)
class CompactShape:
    """What the shapes say: channels of pictures and inside, convolutions between the first and the last, the scale."""

    channels: int
    features: int
    depth: int
    scale: int


class CompactNetwork(nn.Module):
    """The whole network; its layers stand in one list, rectifiers included."""

    def __init__(self, shape: CompactShape) -> None:
        super().__init__()
        self.scale = shape.scale
        widths = [shape.channels, *[shape.features] * (shape.depth + 1)]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.PReLU(after)]
        layers.append(nn.Conv2d(shape.features, shape.channels * shape.scale**2, 3, padding=1))
        self.body = nn.ModuleList(layers)

    def forward(self, picture: Tensor) -> Tensor:
        """Shapes: [b c h w] in 0..1; returns [b c scale*h scale*w]."""
        x = picture
        for layer in self.body:
            x = layer(x)
        enlarged = functional.interpolate(picture, scale_factor=self.scale, mode="nearest")
        return functional.pixel_shuffle(x, self.scale) + enlarged


def _read(layout: Layout) -> CompactShape | None:
    layers = layout.count("body.{}.")
    first, last = layout.shape("body.0.weight"), layout.shape(f"body.{layers - 1}.weight")
    if layers < 3 or layers % 2 == 0 or not (len(first) == len(last) == 4) or len(layout.shape("body.1.weight")) != 1:
        return None
    scale = round((last[0] / first[1]) ** 0.5)
    if scale**2 * first[1] != last[0] or any(not name.startswith("body.") for name in layout):
        return None
    return CompactShape(first[1], first[0], (layers - 3) // 2, scale)


def compact_blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the network of a file; None if it holds another one."""
    prefix = next(prefix for prefix in PREFIXES if layout.has(prefix))
    inside = layout.under(prefix) if prefix else layout
    shape = _read(inside)
    if shape is None:
        return None
    return Blueprint(
        keys={name: Source((prefix + name,)) for name in inside},
        build=lambda: CompactNetwork(shape),
        facts={**vars(shape), "multiple": 1},
    )


COMPACT = UpscalerKind(
    name="compact",
    doc="Real-ESRGAN's compact network: plain convolutions and a pixel shuffle.",
    blueprint=compact_blueprint,
)
