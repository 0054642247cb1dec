"""Pictures at the sizes of slides, pages, covers and identity photos."""

from collections.abc import Callable, Mapping
from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Choice, node
from limner.media.lettering import colour_of
from limner.media.resize import resize_images
from limner.nodes.growing import OWN
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import Colour, Side

SIZES: Mapping[str, tuple[int, int]] = {
    "16:9 slide (1920 x 1080)": (1920, 1080),
    "4:3 slide (1440 x 1080)": (1440, 1080),
    "16:10 slide (1920 x 1200)": (1920, 1200),
    "A4 landscape, 150 dpi (1754 x 1240)": (1754, 1240),
    "A4 portrait, 150 dpi (1240 x 1754)": (1240, 1754),
    "A4 portrait, 300 dpi (2480 x 3508)": (2480, 3508),
    "Letter landscape, 150 dpi (1650 x 1275)": (1650, 1275),
    "square (1080 x 1080)": (1080, 1080),
    "9:16 story (1080 x 1920)": (1080, 1920),
    "article cover (900 x 383)": (900, 383),
    "identity photo 35 x 45 mm, 300 dpi (413 x 531)": (413, 531),
    "identity photo 25 x 35 mm, 300 dpi (295 x 413)": (295, 413),
    "identity photo 2 x 2 in, 300 dpi (600 x 600)": (600, 600),
    "own size": (0, 0),
}
"""Width and height in pixels."""

BLUR = 0.04
"""Standard deviation of the blurred background, as a part of the frame's longer side."""
SMALL = 256
"""Longest side of the copy that is blurred."""


@node(name="FitToSlide", title="Fit to Slide", category="image/transform", outputs=("image", "border"), module=OWN)
def fit_to_slide(
    *,
    image: IMAGE,
    size: Annotated[str, Choice(*SIZES)] = "16:9 slide (1920 x 1080)",
    mode: Annotated[str, Choice("fit", "fill", "blur", "extend", "stretch")] = "fit",
    colour: Colour = 0xFFFFFF,
    width: Side = 1920,
    height: Side = 1080,
) -> tuple[IMAGE, MASK]:
    """Pictures at the size of a slide, a page, a cover or an identity photo, and what was added around them as a mask.

    ``fit`` shows all of a picture on a border in a colour, ``blur`` on a blurred copy of it, ``extend`` on its own
    outermost pixels; ``fill`` cuts off what is too much, ``stretch`` changes its shape. ``width`` and ``height`` count
    for the size ``own size``. The mask tells an inpainting network what to draw anew.
    """
    frame = SIZES[size] if size != "own size" else (width, height)
    if mode in ("fill", "stretch"):
        fitted = resize_images(image, *frame, _method(image, frame), "center" if mode == "fill" else "disabled")
        return fitted.clamp(0, 1), torch.zeros(fitted.shape[:3])
    scale = min(frame[0] / image.shape[2], frame[1] / image.shape[1])
    columns, rows = (max(1, round(side * scale)) for side in (image.shape[2], image.shape[1]))
    inner = resize_images(image, columns, rows, _method(image, frame)).clamp(0, 1)
    left, top = (frame[0] - columns) // 2, (frame[1] - rows) // 2
    whole = BORDERS[mode](inner, frame, (left, top), colour)
    whole[:, top : top + rows, left : left + columns] = inner
    border = torch.ones(whole.shape[:3])
    border[:, top : top + rows, left : left + columns] = 0.0
    return whole, border


def _method(image: Tensor, frame: tuple[int, int]) -> str:
    """A method without ringing for smaller pictures, and a smooth one for larger."""
    return "area" if frame[0] * frame[1] < image.shape[1] * image.shape[2] else "bicubic"


def _plain(inner: Tensor, frame: tuple[int, int], _: tuple[int, int], colour: int) -> Tensor:
    """A frame in one colour; opaque if the picture has a fourth channel."""
    channels = torch.cat([colour_of(colour), torch.ones(1)])[: inner.shape[-1]]
    return channels.expand(inner.shape[0], frame[1], frame[0], inner.shape[-1]).clone()


def _blurred(inner: Tensor, frame: tuple[int, int], *_: object) -> Tensor:
    """The picture itself over the whole frame, cut and blurred. A small copy is blurred: nobody sees the difference."""
    scale = min(1.0, SMALL / max(frame))
    width, height = (max(8, round(side * scale)) for side in frame)
    samples = resize_images(inner, width, height, "area", "center").movedim(-1, 1)
    deviation = BLUR * max(width, height)
    reach = min(round(3 * deviation), width - 1, height - 1)
    bell = torch.exp(-((torch.arange(-reach, reach + 1) / deviation) ** 2) / 2)
    bell = (bell / bell.sum()).to(samples)
    padded = functional.pad(samples, (reach, reach, reach, reach), mode="reflect")
    channels = samples.shape[1]
    across = functional.conv2d(padded, bell.expand(channels, 1, 1, -1), groups=channels)
    blurred = functional.conv2d(across, bell[:, None].expand(channels, 1, -1, 1), groups=channels)
    return functional.interpolate(blurred, size=(frame[1], frame[0]), mode="bicubic").movedim(1, -1).clamp(0, 1)


def _extended(inner: Tensor, frame: tuple[int, int], corner: tuple[int, int], _: int) -> Tensor:
    """The outermost pixels repeated up to the frame."""
    left, top = corner
    right, bottom = frame[0] - left - inner.shape[2], frame[1] - top - inner.shape[1]
    return functional.pad(inner.movedim(-1, 1), (left, right, top, bottom), mode="replicate").movedim(1, -1).clone()


BORDERS: Mapping[str, Callable[[Tensor, tuple[int, int], tuple[int, int], int], Tensor]] = {
    "fit": _plain,
    "blur": _blurred,
    "extend": _extended,
}
