"""Pictures as sequences of patches, as diffusion transformers read them, with a place for each patch.

Source: Peebles and Xie 2023, section 3.2; places as in Su et al. 2021 (rotary embeddings), one number an axis.
"""

import torch
from torch import Tensor
from torch.nn.functional import pad

SIDE = 2
"""Latent elements along a patch."""


def padded(x: Tensor, side: int = SIDE) -> Tensor:
    """A picture whose sides are multiples of a patch's; what is added repeats the edge.

    Shapes: x [n c h w]; returns [n c h' w'].
    """
    below, right = -x.shape[-2] % side, -x.shape[-1] % side
    return pad(x, (0, right, 0, below), mode="replicate") if below or right else x


def to_tokens(x: Tensor, side: int = SIDE) -> Tensor:
    """Patches as tokens, row by row; a token holds one channel after the other.

    Shapes: x [n c h w], sides multiples of a patch's; returns [n h/side*w/side c*side*side].
    """
    count, channels, height, width = x.shape
    grid = x.reshape(count, channels, height // side, side, width // side, side)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(count, (height // side) * (width // side), channels * side * side)


def to_picture(tokens: Tensor, height: int, width: int, side: int = SIDE) -> Tensor:
    """The way back from ``to_tokens``, cut to a size. Shapes: tokens [n t c*side*side]; returns [n c height width]."""
    rows, columns = -(-height // side), -(-width // side)
    grid = tokens.reshape(len(tokens), rows, columns, -1, side, side)
    return grid.permute(0, 3, 1, 4, 2, 5).reshape(len(tokens), -1, rows * side, columns * side)[..., :height, :width]


def grid_places(rows: int, columns: int, *, number: float = 0.0, top: float = 0.0, left: float = 0.0) -> Tensor:
    """Where the patches of a picture stand: number of the picture, row, column. Shapes: returns [rows*columns 3]."""
    places = torch.zeros(rows, columns, 3)
    places[..., 0] = number
    places[..., 1] = torch.arange(rows)[:, None] + top
    places[..., 2] = torch.arange(columns)[None, :] + left
    return places.reshape(-1, 3)
