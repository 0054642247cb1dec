"""Surfaces, places and holes of images as hints for control networks."""

import math
from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Number, node
from limner.media.gaussian import blurred
from limner.media.resize import resize_masks
from limner.nodes.growing import OWN
from limner.nodes.preprocessors_edges import PREPROCESSORS, luma
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import Seed, Share
from limner.sampling.noise import generator

HOLE = -1.0
"""What inpainting control networks expect where there is nothing to see."""


def slopes(depth: Tensor) -> tuple[Tensor, Tensor]:
    """How fast depth grows to the right and downwards, per pixel. Shapes: [b h w]."""
    kernel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    padded = functional.pad(depth[:, None], (1, 1, 1, 1), mode="replicate")
    found = functional.conv2d(padded, torch.stack([kernel, kernel.T])[:, None])
    return found[:, 0], found[:, 1]


@node(name="NormalFromDepth", title="Normal Map from Depth", category=PREPROCESSORS, module=OWN)
def normal_from_depth(
    *,
    depth: IMAGE,
    strength: Annotated[float, Number(min=0.0, max=10.0, step=0.01)] = 0.5,
    background: Share = 0.0,
    green_up: bool = True,
) -> IMAGE:
    """Directions of surfaces as colours: red to the right, green up, blue towards the viewer; of a map bright in front.

    ``strength`` says how deep the scene is, as a share of the image's shorter side. Places darker than ``background``
    count as flat. Without ``green_up`` green points down, as some renderers have it.
    """
    near = blurred(luma(depth)[:, None], 1.0)[:, 0]
    across, down = (slope * strength * min(depth.shape[1:3]) for slope in slopes(near))
    flat = near < background
    across, down = (torch.where(flat, torch.zeros_like(slope), slope) for slope in (across, down))
    normal = torch.stack([-across, down if green_up else -down, torch.ones_like(across)], dim=-1)
    return functional.normalize(normal, dim=-1) * 0.5 + 0.5


@node(name="ShuffleHint", title="Shuffle Hint", category=PREPROCESSORS, module=OWN)
def shuffle_hint(
    *, image: IMAGE, seed: Seed = 0, grain: Annotated[int, Number(min=8, max=4096, step=1)] = 256
) -> IMAGE:
    """The image's content in places that a smooth random field says; what stays is its colours and its style.

    ``grain`` is the distance in pixels over which places change at random.

    Source: Zhang et al. 2023, "Adding conditional control to text-to-image diffusion models" (content shuffle).
    """
    batch, height, width = image.shape[:3]
    draw = generator(seed)
    size = (math.ceil(height / grain) + 2, math.ceil(width / grain) + 2)
    coarse = torch.rand((batch, 2, *size), generator=draw)
    fields = functional.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=True)
    lowest, highest = fields.amin(dim=(2, 3), keepdim=True), fields.amax(dim=(2, 3), keepdim=True)
    places = 2 * (fields - lowest) / (highest - lowest).clamp(min=1e-6) - 1
    planes = image[..., :3].movedim(-1, 1)
    moved = functional.grid_sample(
        planes, places.movedim(1, -1), mode="bilinear", padding_mode="border", align_corners=True
    )
    return moved.movedim(1, -1).contiguous()


@node(name="InpaintHint", title="Inpaint Hint", category=PREPROCESSORS, module=OWN)
def inpaint_hint(*, image: IMAGE, mask: MASK) -> IMAGE:
    """The image with -1 in place of what is to be painted anew, as inpainting control networks were trained on."""
    holes = resize_masks(mask, image.shape[2], image.shape[1]) > 0.5
    covered = holes[torch.arange(len(image)) % len(holes)]
    return torch.where(covered[..., None], torch.full_like(image[..., :3], HOLE), image[..., :3])
