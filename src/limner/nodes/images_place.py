"""Where the parts of an image lie: crops, borders, turns, pictures side by side."""

from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.media.resize import resize_images
from limner.nodes.images_batch import with_channels
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import QUARTER_TURNS, Flip, LatentPosition, Position, Rotation, Side

OUTSIDE = 0.5
"""Grey of the area that outpainting is to fill."""

SPACINGS = {
    "white": (1.0, 1.0, 1.0),
    "black": (0.0, 0.0, 0.0),
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
}


@node(name="ImageCrop", title="Image Crop", category="image/transform")
def image_crop(*, image: IMAGE, width: Side = 512, height: Side = 512, x: Position = 0, y: Position = 0) -> IMAGE:
    """The part of an image from (x, y) on; what lies outside is left out."""
    left, top = min(x, image.shape[2] - 1), min(y, image.shape[1] - 1)
    return image[:, top : top + height, left : left + width, :]


@node(name="ImageFlip", title="ImageFlip", category="image/transform")
def image_flip(*, image: IMAGE, flip_method: Flip) -> IMAGE:
    """Images mirrored: upside down (x-axis) or left to right (y-axis)."""
    return torch.flip(image, dims=[1 if flip_method.startswith("x") else 2])


@node(name="ImageRotate", title="ImageRotate", category="image/transform")
def image_rotate(*, image: IMAGE, rotation: Rotation) -> IMAGE:
    """Images turned clockwise."""
    return torch.rot90(image, k=QUARTER_TURNS[rotation], dims=[2, 1])


@node(
    name="ImagePadForOutpaint",
    title="Pad Image for Outpainting",
    category="image",
    outputs=("IMAGE", "MASK"),
)
def image_pad_for_outpaint(
    *,
    image: IMAGE,
    left: LatentPosition = 0,
    top: LatentPosition = 0,
    right: LatentPosition = 0,
    bottom: LatentPosition = 0,
    feathering: Position = 40,
) -> tuple[IMAGE, MASK]:
    """Images with a grey border, and a mask of the border that fades into the old picture over ``feathering`` pixels.

    The mask fades only towards sides that have a border, and not at all where the picture is too small for it.
    """
    count, height, width, channels = image.shape
    padded = torch.full((count, height + top + bottom, width + left + right, channels), OUTSIDE)
    padded[:, top : top + height, left : left + width] = image
    mask = torch.ones(padded.shape[1:3])
    mask[top : top + height, left : left + width] = _border_fade(width, height, (left, top, right, bottom), feathering)
    return padded, mask[None]


def _border_fade(width: int, height: int, borders: tuple[int, int, int, int], feathering: int) -> Tensor:
    """How much each old pixel belongs to the border, falling with the square. Shapes: returns [height width]."""
    if feathering == 0 or 2 * feathering >= min(width, height):
        return torch.zeros(height, width)
    left, top, right, bottom = borders
    columns, rows = torch.arange(width), torch.arange(height)
    far = torch.full((1, 1), feathering)
    distances = [
        columns[None, :] if left else far,
        (width - columns)[None, :] if right else far,
        rows[:, None] if top else far,
        (height - rows)[:, None] if bottom else far,
    ]
    nearest = torch.stack([distance.expand(height, width) for distance in distances]).amin(dim=0)
    return ((feathering - nearest) / feathering).clamp(min=0.0) ** 2


@node(name="ImageStitch", title="Image Stitch", category="image/transform")
def image_stitch(
    *,
    image1: IMAGE,
    direction: Annotated[str, Choice("right", "down", "left", "up")] = "right",
    match_image_size: bool = True,
    spacing_width: Annotated[int, Number(min=0, max=1024, step=2)] = 0,
    spacing_color: Annotated[str, Choice(*SPACINGS)] = "white",
    image2: Annotated[Tensor | None, Socket("IMAGE"), Flags(optional=True)] = None,
) -> IMAGE:
    """The second image beside the first, with a coloured gap if wanted.

    The shorter batch repeats its last image. Images that are not matched in size are centred on black.
    """
    if image2 is None:
        return image1
    axis = 2 if direction in ("right", "left") else 1
    first, second = _equal_batches(image1, image2)
    if match_image_size:
        second = _matched(second, first, axis)
    first, second = _same_breadth(first, second, 3 - axis)
    channels = max(first.shape[-1], second.shape[-1])
    parts = [with_channels(first, channels), with_channels(second, channels)]
    if direction in ("left", "up"):
        parts.reverse()
    spacing = spacing_width + spacing_width % 2
    if spacing:
        parts.insert(1, _gap(parts[0], axis, spacing, SPACINGS[spacing_color]))
    return torch.cat(parts, dim=axis)


def _equal_batches(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    count = max(first.shape[0], second.shape[0])
    filled = [torch.cat([image, image[-1:].expand(count - image.shape[0], -1, -1, -1)]) for image in (first, second)]
    return filled[0], filled[1]


def _matched(image: Tensor, like: Tensor, axis: int) -> Tensor:
    """An image resized so that it is as high (axis 2) or as wide (axis 1) as another one."""
    height, width = image.shape[1:3]
    if axis == 2:
        size = (int(like.shape[1] * (width / height)), like.shape[1])
    else:
        size = (like.shape[2], int(like.shape[2] * (height / width)))
    return resize_images(image, max(1, size[0]), max(1, size[1]), "lanczos")


def _same_breadth(first: Tensor, second: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Both images centred in zeros, so that they are equally long along an axis."""
    breadth = max(first.shape[axis], second.shape[axis])
    padded = []
    for image in (first, second):
        shape = list(image.shape)
        before, shape[axis] = (breadth - image.shape[axis]) // 2, breadth
        canvas = torch.zeros(shape)
        canvas.narrow(axis, before, image.shape[axis]).copy_(image)
        padded.append(canvas)
    return padded[0], padded[1]


def _gap(like: Tensor, axis: int, width: int, colour: tuple[float, float, float]) -> Tensor:
    shape = list(like.shape)
    shape[axis] = width
    gap = torch.ones(shape)
    gap[..., :3] = torch.tensor(colour)[: min(3, shape[-1])]
    return gap
