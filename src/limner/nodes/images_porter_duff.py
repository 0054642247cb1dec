"""Two pictures with their transparency, one over, in, out of or atop the other."""

from collections.abc import Callable
from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Choice, node
from limner.media.resize import resize, resize_images
from limner.nodes.sockets import IMAGE, MASK

OPAQUE_ENOUGH = 1e-5
"""Opacity below which a place has no colour."""

Mode = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""From colour (multiplied by opacity) and opacity of the source, and of the destination, to those of both;
[b h w c or 1]."""


def _joined(s: Tensor, sa: Tensor, d: Tensor, da: Tensor, shared: Tensor) -> tuple[Tensor, Tensor]:
    """Each layer where the other is not, and what they share where both are."""
    return s * (1 - da) + d * (1 - sa) + shared, sa + da - sa * da


def _overlay(s: Tensor, sa: Tensor, d: Tensor, da: Tensor) -> tuple[Tensor, Tensor]:
    """Android's form, which does not show a layer alone where the other one is clear."""
    mixed = torch.where(2 * d < da, 2 * s * d, sa * da - 2 * (da - d) * (sa - s))
    return mixed, sa + da - sa * da


# Porter and Duff 1984; the blending ones as the W3C's and Android's compositing modes define them.
MODES: dict[str, Mode] = {
    "ADD": lambda s, sa, d, da: ((s + d).clamp(0, 1), (sa + da).clamp(0, 1)),
    "CLEAR": lambda s, sa, d, da: (torch.zeros_like(d), torch.zeros_like(da)),
    "DARKEN": lambda s, sa, d, da: _joined(s, sa, d, da, torch.minimum(s, d)),
    "DST": lambda s, sa, d, da: (d, da),
    "DST_ATOP": lambda s, sa, d, da: (sa * d + s * (1 - da), sa),
    "DST_IN": lambda s, sa, d, da: (d * sa, da * sa),
    "DST_OUT": lambda s, sa, d, da: (d * (1 - sa), da * (1 - sa)),
    "DST_OVER": lambda s, sa, d, da: (d + s * (1 - da), da + sa * (1 - da)),
    "LIGHTEN": lambda s, sa, d, da: _joined(s, sa, d, da, torch.maximum(s, d)),
    "MULTIPLY": lambda s, sa, d, da: (s * d, sa * da),
    "OVERLAY": _overlay,
    "SCREEN": lambda s, sa, d, da: (s + d - s * d, sa + da - sa * da),
    "SRC": lambda s, sa, d, da: (s, sa),
    "SRC_ATOP": lambda s, sa, d, da: (s * da + d * (1 - sa), da),
    "SRC_IN": lambda s, sa, d, da: (s * da, sa * da),
    "SRC_OUT": lambda s, sa, d, da: (s * (1 - da), sa * (1 - da)),
    "SRC_OVER": lambda s, sa, d, da: (s + d * (1 - sa), sa + da * (1 - sa)),
    "XOR": lambda s, sa, d, da: (s * (1 - da) + d * (1 - sa), sa * (1 - da) + da * (1 - sa)),
}


def _opacity(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """What a mask leaves visible, at a size. Shapes: mask [b h w]; returns [b h w 1]."""
    planes = 1.0 - mask.reshape(-1, 1, *mask.shape[-2:])
    if planes.shape[-2:] != size:
        planes = resize(planes, size[1], size[0], "bicubic", "center").clamp(0, 1)
    return planes.movedim(1, -1)


@node(name="PorterDuffImageComposite", title="Porter-Duff Image Composite", category="mask/compositing")
def porter_duff_image_composite(
    *,
    source: IMAGE,
    source_alpha: MASK,
    destination: IMAGE,
    destination_alpha: MASK,
    mode: Annotated[str, Choice(*MODES)] = "DST",
) -> tuple[IMAGE, MASK]:
    """Joins two pictures, each with a mask of what is transparent in it; gives the picture and its mask.

    Everything gets the size of the destination. The shortest batch says how many pictures come out.
    """
    size = (destination.shape[1], destination.shape[2])
    if tuple(source.shape[1:3]) != size:
        source = resize_images(source, size[1], size[0], "bicubic", "center").clamp(0, 1)
    opacities = [_opacity(mask, size) for mask in (source_alpha, destination_alpha)]
    count = min(len(batch) for batch in (source, destination, *opacities))
    sa, da = (opacity[:count] for opacity in opacities)
    colours = [image[:count, ..., :3] for image in (source, destination)]
    mixed, opacity = MODES[mode](colours[0] * sa, sa, colours[1] * da, da)
    plain = torch.where(opacity > OPAQUE_ENOUGH, mixed / opacity.clamp(min=OPAQUE_ENOUGH), torch.zeros_like(mixed))
    return plain.clamp(0, 1), 1.0 - opacity[..., 0].clamp(0, 1)
