"""Work on a picture or a video tile by tile, with overlaps that fade into each other."""

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
        work: [n c h w] to [n channels h*scale w*scale]; with frames [n c t h w] to [n channels t' h*scale w*scale].
        source: [n c h w] or [n c t h w].
        tile: Height and width of a tile, in elements of the source.
        overlap: How far neighbours overlap, in elements of the source; less than either side of the tile.
        scale: Size of the result over that of the source.
        channels: Of the result.

    Shapes: returns [n channels h*scale w*scale] or [n channels t' h*scale w*scale], float32 on the CPU.
    """
    height, width = source.shape[-2:]
    cover = torch.zeros(round(height * scale), round(width * scale))
    total: Tensor | None = None
    for top, left in product(starts(height, tile[0], overlap), starts(width, tile[1], overlap)):
        part = work(source[..., top : top + tile[0], left : left + tile[1]]).float().cpu()
        if total is None:
            total = torch.zeros(len(source), channels, *part.shape[2:-2], *cover.shape)
        fade = feathered(part.shape[-2], part.shape[-1], round(overlap * scale))
        y, x = round(top * scale), round(left * scale)
        total[..., y : y + part.shape[-2], x : x + part.shape[-1]] += part * fade
        cover[y : y + part.shape[-2], x : x + part.shape[-1]] += fade
    assert total is not None  # there is at least one tile
    return total / cover


def in_time(
    work: Callable[[Tensor], Tensor], source: Tensor, size: int, overlap: int, taken: int, given: int
) -> Tensor:
    """Applies ``work`` to stretches of a video and joins the results with linear fades.

    A video of n elements has one frame for the first and several for each further one, so a stretch that is worked on
    alone ends where it would in the whole, and begins with the last frame of its first element.

    Args:
        work: [1 c t h w] to [1 c' t' h' w'].
        source: [1 c t h w].
        size: Elements of a stretch, at least 2.
        overlap: Elements that neighbours share, at least 1 and less than ``size``.
        taken: Frames of the source per element, 1 for latents.
        given: Frames of the result per element.

    Shapes: returns [1 c' t' h' w'], where stretches were joined float32 on the CPU.
    """
    elements = (source.shape[2] - 1) // taken + 1
    if elements <= size:
        return work(source)
    total: Tensor | None = None
    cover = torch.zeros((elements - 1) * given + 1, 1, 1)
    for start in starts(elements, size, overlap):
        end = min(start + size, elements)
        part = work(source[:, :, start * taken : (end - 1) * taken + 1]).float().cpu()
        if total is None:
            total = torch.zeros(1, part.shape[1], len(cover), *part.shape[3:])
        fade = _ramp(part.shape[2], overlap * given + 1)[:, None, None]
        place = slice(start * given, start * given + part.shape[2])
        total[:, :, place] += part * fade
        cover[place] += fade
    assert total is not None  # there is at least one stretch
    return total / cover


def feathered(height: int, width: int, feather: int) -> Tensor:
    """Weights [h w] that rise linearly from every edge over ``feather`` elements."""
    return _ramp(height, feather)[:, None] * _ramp(width, feather)[None, :]


def _ramp(length: int, feather: int) -> Tensor:
    if feather < 1:
        return torch.ones(length)
    rising = ((torch.arange(length) + 1) / feather).clamp(max=1.0)
    return rising * rising.flip(0)
