"""What an upscaler is, whatever its network: the value of UPSCALE_MODEL sockets."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.tiles import starts, tiled
from limner.sampling.forward import ran_out_of_memory

logger = logging.getLogger(__name__)

TILE, OVERLAP, SMALLEST_TILE = 512, 32, 128
"""Pixels. Tiles are halved where memory runs out, as long as they are no smaller than the last."""

COLOURS = 3

Report = Callable[[int, int], None]
"""Called as (tiles done, tiles in all)."""


@dataclass(frozen=True)
class UpscalerKind:
    """One architecture: one file of this package.

    Attributes:
        name: Short name, ``rrdb``.
        doc: One sentence for people.
        blueprint: How to build the network of a file; None if the file holds none of this kind. Its facts say
            ``scale``, ``channels`` and ``multiple``, see Upscaler.
    """

    name: str
    doc: str
    blueprint: Callable[[Layout], Blueprint | None]


class Leasable(Protocol):
    """A network that is loaded when it is leased."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""
        ...

    def lease(self, why: str = "") -> AbstractContextManager[Any]:
        """The loaded network: a function of pictures [b c h w] in 0..1."""
        ...


@dataclass(frozen=True)
class Upscaler:
    """A network that makes pictures larger by a fixed factor.

    Attributes:
        name: For people.
        network: Loaded when leased.
        scale: Sides of the result over those of the picture; 1 for networks that only restore.
        channels: Of its pictures: 1 grey, 3 colours, 4 with alpha.
        multiple: What the sides of its pictures must be multiples of.
        divisible: Whether it may see a picture in tiles.
    """

    name: str
    network: Leasable
    scale: int
    channels: int = COLOURS
    multiple: int = 1
    divisible: bool = True

    def upscale(self, pixels: Tensor, report: Report = lambda done, total: None) -> Tensor:
        """Larger pictures.

        Shapes: pixels [b h w c] in 0..1, of which three channels are used; returns [b scale*h scale*w 3] in 0..1,
        float32 on the CPU.
        """
        with self.network.lease("upscaling"):
            return self._fitted(pixels, TILE, report)

    def _fitted(self, pixels: Tensor, tile: int, report: Report) -> Tensor:
        """In tiles of a size, or of less where memory runs out."""
        try:
            return self._upscaled(pixels, tile, report)
        except (RuntimeError, MemoryError) as error:
            if not ran_out_of_memory(error) or not self.divisible or tile // 2 < SMALLEST_TILE:
                raise
        # Outside of the handler, so that the tensors of the failed pass are gone.
        logger.warning("Not enough memory to upscale: tiles of %d pixels from here on.", tile // 2)
        return self._fitted(pixels, tile // 2, report)

    def _upscaled(self, pixels: Tensor, tile: int, report: Report) -> Tensor:
        pictures = pixels[..., :COLOURS].movedim(-1, 1).float()
        sides = (tile, tile) if self.divisible else (pictures.shape[-2], pictures.shape[-1])
        each = len(starts(pictures.shape[-2], sides[0], OVERLAP)) * len(starts(pictures.shape[-1], sides[1], OVERLAP))
        done = 0

        def work(part: Tensor) -> Tensor:
            nonlocal done
            enlarged = self._enlarged(part)
            done += 1
            report(done, each * len(pictures))
            return enlarged

        parts = [
            tiled(work, picture[None], sides, min(OVERLAP, min(sides) - 1), self.scale, COLOURS) for picture in pictures
        ]
        return torch.cat(parts).clamp(0.0, 1.0).movedim(1, -1).contiguous()

    def _enlarged(self, part: Tensor) -> Tensor:
        """One tile through the network. Shapes: [1 3 h w] to [1 3 scale*h scale*w]."""
        height, width = part.shape[-2:]
        padded = functional.pad(part, (0, -width % self.multiple, 0, -height % self.multiple), mode="replicate")
        shown = _with_channels(padded, self.channels).to(device=self.network.device, dtype=self.network.dtype)
        with torch.no_grad(), self.network.lease("upscaling") as network:
            result = network(shown)
        coloured = result.reshape(1, COLOURS, *result.shape[-2:]) if self.channels == 1 else result[:, :COLOURS]
        return coloured[..., : height * self.scale, : width * self.scale]


def _with_channels(pictures: Tensor, channels: int) -> Tensor:
    """Colours as a network wants them: each a grey picture of its own, as they are, or with a full alpha channel."""
    if channels == 1:
        return pictures.reshape(-1, 1, *pictures.shape[-2:])
    if channels == COLOURS:
        return pictures
    return torch.cat([pictures, torch.ones_like(pictures[:, :1])], dim=1)
