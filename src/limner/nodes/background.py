"""Subjects without their background, and on another one."""

from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, node
from limner.graph.errors import NumericsError
from limner.media.lettering import colour_of
from limner.media.plain_background import cut_out
from limner.media.resize import resize_images, resize_masks
from limner.nodes.growing import OWN
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import Colour

BACKGROUNDS = "image/background"
SIDES, KEY = "colour along the sides", "given colour"

Tolerance = Annotated[float, Number(min=0.1, max=10.0, step=0.05)]
Softness = Annotated[float, Number(min=0.0, max=20.0, step=0.1)]
Gaps = Annotated[float, Number(min=0.0, max=200.0, step=0.5)]


@node(
    name="CutOutSubject",
    title="Cut Out Subject (Plain Background)",
    category=BACKGROUNDS,
    outputs=("image", "mask"),
    module=OWN,
)
def cut_out_subject(
    *,
    image: IMAGE,
    background: Annotated[str, Choice(SIDES, KEY)] = SIDES,
    colour: Colour = 0x00FF00,
    tolerance: Tolerance = 1.5,
    softness: Softness = 2.0,
    remove_enclosed: bool = False,
    close_gaps: Gaps = 0.0,
) -> tuple[IMAGE, MASK]:
    """Cuts a subject out of a plain background, without a network: product pictures, identity photos, drawings.

    The background is what has the colour found along the sides (it may get lighter on one side), or the given one, and
    hangs together with the sides. Gives the subject with transparency, cleaned of the background's colour at its edge,
    and its mask (1 is the subject). ``close_gaps`` closes openings, in pixels: a white shirt before a white wall.
    ``remove_enclosed`` also removes what lies inside the subject. A busy background needs Remove Background.
    """
    key = colour_of(colour) if background == KEY else None
    cuts = [
        cut_out(
            frame[..., :3].expand(*frame.shape[:2], 3),
            tolerance=tolerance,
            softness=softness,
            holes=remove_enclosed,
            gaps=close_gaps,
            key=key,
        )
        for frame in image
    ]
    opacity = torch.stack([cut.opacity for cut in cuts])
    colours = torch.stack([cut.colours for cut in cuts])
    if image.shape[-1] == 4:
        opacity = opacity * image[..., 3]
    return torch.cat([colours, opacity[..., None]], dim=-1), opacity


@node(name="ReplaceBackground", title="Replace Background", category=BACKGROUNDS, module=OWN)
def replace_background(
    *,
    image: IMAGE,
    mask: Annotated[MASK, Flags(optional=True)] = None,  # type: ignore[assignment]
    colour: Colour = 0xFFFFFF,
    background: Annotated[IMAGE, Flags(optional=True)] = None,  # type: ignore[assignment]
) -> IMAGE:
    """A subject on another background: a colour, or a picture that is cut to the same size.

    What the subject is says its mask (1 is the subject), or else the picture's own transparency.
    """
    height, width = image.shape[1:3]
    share = _subject(image, mask)[..., None]
    if background is None:
        behind = colour_of(colour).expand(1, height, width, 3)
    else:
        behind = resize_images(background[..., :3].float(), width, height, "bicubic", "center").clamp(0, 1)
    if behind.shape[0] not in (1, image.shape[0]):
        raise NumericsError(
            f"{behind.shape[0]} backgrounds came for {image.shape[0]} pictures: link one, or one for each."
        )
    return behind + share * (image[..., :3] - behind)


def _subject(image: Tensor, mask: Tensor | None) -> Tensor:
    """How much of each pixel is subject. Shapes: returns [b h w]."""
    if mask is not None:
        return resize_masks(mask.float(), image.shape[2], image.shape[1])
    if image.shape[-1] == 4:
        return image[..., 3]
    raise NumericsError("What is the subject? Link a mask (1 is the subject), or a picture with transparency.")
