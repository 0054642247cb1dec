"""Reference pictures that editing networks see as further tokens beside the picture they make."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from limner.models.family import InputRequest
from limner.models.parts.patch_tokens import SIDE, grid_places, padded, to_tokens

Corner = tuple[int, int, int]
"""Number of a picture, and the row and column where it begins, in patches."""


def reference_pictures(request: InputRequest) -> list[Tensor]:
    """The entry's reference latents at the network's scale, sides multiples of a patch's. Shapes: each [1 c h w]."""
    found: Sequence[Any] = request.entry.get("reference_latents") or ()
    return [padded(request.latent_format.to_model(_still(latent)[:1].float())) for latent in found]


def _still(latent: Tensor) -> Tensor:
    """The first frame of what may be a video."""
    return latent[:, :, 0] if latent.ndim == 5 else latent


def reference_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Network inputs for the entry's reference pictures; none if there are none.

    Shapes: ``reference`` [1 t c], all pictures one after the other, and ``reference_places`` [1 t 3].
    """
    pictures = reference_pictures(request)
    if not pictures:
        return {}
    sizes = [(picture.shape[-2] // SIDE, picture.shape[-1] // SIDE) for picture in pictures]
    height, width = (-(-side // SIDE) for side in request.latent.shape[-2:])
    corners = reference_corners(str(request.entry.get("reference_latents_method", "offset")), (height, width), sizes)
    places = [
        grid_places(*size, number=number, top=top, left=left)
        for size, (number, top, left) in zip(sizes, corners, strict=True)
    ]
    tokens = [to_tokens(picture).cpu() for picture in pictures]
    return {"reference": torch.cat(tokens, dim=1), "reference_places": torch.cat(places)[None]}


def reference_corners(method: str, own: tuple[int, int], sizes: Sequence[tuple[int, int]]) -> list[Corner]:
    """Where reference pictures stand.

    Args:
        method: ``index``: each has a number of its own and begins at the origin. ``uxo``: each begins, on the diagonal,
            where the one before ended, the picture itself being the first. Any other: all have number 1 and lie side
            by side, each to the right of the others or below them, whichever keeps the whole nearer to a square.
        own: Rows and columns of the picture itself.
        sizes: Those of the references.

    Source: Labs et al. 2025, "FLUX.1 Kontext", section 3 (one reference); Wu et al. 2025, "UNO", section 3.3.
    """
    if method == "index":
        return [(number + 1, 0, 0) for number in range(len(sizes))]
    if method == "uxo":
        ends = [own]
        for rows, columns in sizes:
            ends.append((ends[-1][0] + rows, ends[-1][1] + columns))
        return [(0, *end) for end in ends[:-1]]
    corners: list[Corner] = []
    height = width = 0
    for rows, columns in sizes:
        beside = height + rows > width + columns
        corners.append((1, 0, width) if beside else (1, height, 0))
        height, width = max(height, corners[-1][1] + rows), max(width, corners[-1][2] + columns)
    return corners
