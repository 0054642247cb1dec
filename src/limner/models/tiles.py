"""Work on a picture tile by tile, with overlaps that fade into each other."""

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """Where tiles begin along one side."""
    if length <= tile:
        return [0]
    return list(range(0, length - overlap, tile - overlap))


def tiled(
    work: Callable[[Tensor], Tensor],
    source: Tensor,
    tile: tuple[int, int],
    overlap: int,
    scale: float,
    channels: int,
) -> Tensor:
    """Applies ``work`` to tiles and joins the results with linear fades.

    Args:
        work: [1 c h w] to [1 channels h*scale w*scale].
        source: [1 c h w].
        tile: Height and width of a tile, in elements of the source.
        overlap: How far neighbours overlap, in elements of the source; less than either side of the tile.
        scale: Size of the result over that of the source.
        channels: Of the result.

    Shapes: returns [1 channels h*scale w*scale], float32 on the CPU.
    """
    height, width = source.shape[-2:]
    total = torch.zeros(1, channels, round(height * scale), round(width * scale))
    cover = torch.zeros(1, 1, *total.shape[-2:])
    for top, left in product(starts(height, tile[0], overlap), starts(width, tile[1], overlap)):
        part = work(source[:, :, top : top + tile[0], left : left + tile[1]]).float().cpu()
        fade = feathered(part.shape[-2], part.shape[-1], round(overlap * scale))
        y, x = round(top * scale), round(left * scale)
        total[:, :, y : y + part.shape[-2], x : x + part.shape[-1]] += part * fade
        cover[:, :, y : y + part.shape[-2], x : x + part.shape[-1]] += fade
    return total / cover


def feathered(height: int, width: int, feather: int) -> Tensor:
    """Weights [h w] that rise linearly from every edge over ``feather`` elements."""
    return _ramp(height, feather)[:, None] * _ramp(width, feather)[None, :]


def _ramp(length: int, feather: int) -> Tensor:
    if feather < 1:
        return torch.ones(length)
    rising = ((torch.arange(length) + 1) / feather).clamp(max=1.0)
    return rising * rising.flip(0)
