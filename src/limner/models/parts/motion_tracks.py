"""Pictures that move along tracks: what stands at a track's beginning is painted, softly, wherever it leads.

So a network that makes videos of pictures is shown where parts of a picture go.

Source: Wang et al. 2025, "ATI: Any trajectory instruction for controllable video generation", section 3.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

TINY = 1e-5


@dataclass(frozen=True)
class Tracks:
    """Points that move, in half short sides of the picture from its middle.

    Attributes:
        places: [t n 2], x and y.
        visible: [t n], 1 where a point can be seen.
    """

    places: Tensor
    visible: Tensor


def aspect(size: tuple[int, ...]) -> tuple[float, float]:
    """Half of the width and of the height, in half short sides. Args: size: height and width."""
    height, width = size
    return width / min(size), height / min(size)


def painted(latent: Tensor, tracks: Tracks, stride: int, sharpness: float, strongest: int) -> tuple[Tensor, Tensor]:
    """A latent whose first element's parts are painted along tracks, and how much is painted where.

    Args:
        latent: [1 c t h w], zero where nothing is known, but for a factor as networks see it.
        tracks: One place for each frame: ``stride`` for an element, but one for the first.
        stride: Frames an element.
        sharpness: How fast a track's influence falls with the square of the distance: exp(-sharpness * d ** 2).
        strongest: How many tracks count at an element.

    Shapes: returns [1 c t h w] and [t h w].
    """
    size = tuple(latent.shape[-2:])
    weight = _influence(tracks, size, stride, sharpness)
    strongest_weights, which = weight.topk(min(strongest, weight.shape[-1]), dim=-1)
    parts = _beginnings(latent[:, :, 0], tracks.places[0])[which]
    covered = strongest_weights.sum(dim=-1).clamp(0, 1)
    moved = (parts * strongest_weights[..., None]).sum(dim=-2).movedim(-1, 0)[None]
    later = moved + latent[:, :, 1:] * (1 - covered)
    return torch.cat([latent[:, :, :1], later], dim=2), torch.cat([torch.ones(1, *size), covered])


def _influence(tracks: Tracks, size: tuple[int, ...], stride: int, sharpness: float) -> Tensor:
    """Weight of every track at every element after the first. Shapes: returns [t-1 h w n]."""
    seen = tracks.visible[1:].unflatten(0, (-1, stride))
    places = tracks.places[1:].unflatten(0, (-1, stride))
    count = seen.sum(dim=1)
    means = (places * seen[..., None]).sum(dim=1) / (count[..., None] + TINY)
    wide, high = aspect(size)
    rows, columns = torch.linspace(-high, high, size[0]), torch.linspace(-wide, wide, size[1])
    across = (columns[:, None] - means[:, None, :, 0]).square()
    down = (rows[:, None] - means[:, None, :, 1]).square()
    distance = down[:, :, None] + across[:, None]
    return (-sharpness * distance).exp() * count.clamp(0, 1)[:, None, None]


def _beginnings(picture: Tensor, places: Tensor) -> Tensor:
    """What stands where tracks begin. Shapes: picture [1 c h w], places [n 2]; returns [n c]."""
    share = places / torch.tensor(aspect(tuple(picture.shape[-2:])))
    found = grid_sample(picture, share.clamp(-1, 1)[None, None], mode="bilinear", align_corners=False)
    return found[0, :, 0].T
