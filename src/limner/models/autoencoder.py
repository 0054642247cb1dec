"""Pixels to latents and back: the value of VAE sockets."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.network import Network
from limner.models.tiles import in_time, tiled
from limner.sampling.forward import ran_out_of_memory

logger = logging.getLogger(__name__)

Work = Callable[[Tensor], Tensor]

TILE = 512
OVERLAP = 64
"""Pixels, where a picture has to be worked on in tiles without anybody asking for a size."""

FRAMES = 64
FRAME_OVERLAP = 8
"""The same for videos in time, in frames."""


@dataclass(frozen=True)
class Autoencoder:
    """Encodes and decodes pictures, or videos. Latents are unscaled, as they are stored.

    One that is made for videos takes a batch of pictures for the frames of one video, and a latent without frames for
    one of a single picture.

    Attributes:
        network: Loaded when leased.
        kind: How it is called.
        channels: Channels of a latent.
        downscale: Pixels per latent element.
    """

    network: Network
    kind: AutoencoderKind
    channels: int = 4
    downscale: int = 8

    def crop(self, pixels: Tensor) -> Tensor:
        """The middle of pictures whose sides are no multiples of ``downscale``. Shapes: [b h w c]."""
        height, width = pixels.shape[1:3]
        rows, columns = height // self.downscale * self.downscale, width // self.downscale * self.downscale
        top, left = (height - rows) // 2, (width - columns) // 2
        return pixels[:, top : top + rows, left : left + columns]

    def encode(self, pixels: Tensor) -> Tensor:
        """The mean of the latent distribution; nothing is drawn at random.

        Shapes: pixels [b h w c] in 0..1, further channels than 3 ignored; returns [b c' h/8 w/8], or [1 c' t h/8 w/8]
        where b frames are one video of which what fills no element is cut off; float32 on the CPU.
        """
        pictures = self._pictures(pixels)
        try:
            return self._each(self._encode_one, pictures)
        except (RuntimeError, MemoryError) as error:
            if not ran_out_of_memory(error):
                raise
            logger.warning("Not enough memory to encode at once; in tiles instead.")
            return self.encode_tiled(pixels)

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures, or the frames of all videos. Shapes: latents [b c h w] or [b c t h w]; returns [n 8h 8w 3] in 0..1,
        float32 on the CPU.
        """
        latents = self._latents(latents)
        try:
            return _shown(self._each(self._decode_one, latents, together=self.kind.together))
        except (RuntimeError, MemoryError) as error:
            if not ran_out_of_memory(error):
                raise
            logger.warning("Not enough memory to decode at once; in tiles instead.")
            return self.decode_tiled(latents)

    def encode_tiled(
        self,
        pixels: Tensor,
        tile: int = TILE,
        overlap: int = OVERLAP,
        frames: int = FRAMES,
        frame_overlap: int = FRAME_OVERLAP,
    ) -> Tensor:
        """Like encode, in tiles. Units: tile and overlap in pixels, the others in frames."""
        overlap = _overlap(tile, overlap)
        sizes = ((tile, tile), (tile // 2, tile * 2), (tile * 2, tile // 2))
        span = self._span(frames, frame_overlap)
        work = self._in_time(self._encode_one, span, self.kind.frames, 1)
        return self._passes(work, self._pictures(pixels), sizes, overlap, 1 / self.downscale, self.channels)

    def decode_tiled(
        self,
        latents: Tensor,
        tile: int = TILE,
        overlap: int = OVERLAP,
        frames: int = FRAMES,
        frame_overlap: int = FRAME_OVERLAP,
    ) -> Tensor:
        """Like decode, in tiles. Units: tile and overlap in pixels, the others in frames."""
        overlap = _overlap(tile, overlap) // self.downscale
        tile = max(2, tile // self.downscale)
        sizes = ((tile * 2, tile // 2), (tile // 2, tile * 2), (tile, tile))
        span = self._span(frames, frame_overlap)
        work = self._in_time(self._decode_one, span, 1, self.kind.frames)
        together = self.kind.together
        return _shown(self._passes(work, self._latents(latents), sizes, overlap, self.downscale, 3, together=together))

    def _span(self, frames: int, overlap: int) -> tuple[int, int]:
        """Elements in time that a tile has, and by which it overlaps the next one."""
        size = max(2, frames // max(1, self.kind.frames))
        return size, max(1, min(size // 2, overlap // max(1, self.kind.frames)))

    def _in_time(self, work: Work, span: tuple[int, int], taken: int, given: int) -> Work:
        """Work that is done in tiles in time, where there is time."""
        return (lambda video: in_time(work, video, *span, taken, given)) if self.kind.frames else work

    def _pictures(self, pixels: Tensor) -> Tensor:
        """Network input [b 3 h w], or [1 3 t h w] with whole elements in time, in -1..1."""
        pictures = self.crop(pixels)[..., :3].movedim(-1, 1) * 2.0 - 1.0
        if not self.kind.frames:
            return pictures
        whole = (len(pictures) - 1) // self.kind.frames * self.kind.frames + 1
        return pictures[:whole].movedim(0, 1)[None]

    def _latents(self, latents: Tensor) -> Tensor:
        """Latents as the network knows them: with frames [b c t h w], or without [b c h w]."""
        if self.kind.frames:
            return latents.unsqueeze(2) if latents.ndim == 4 else latents
        return latents.movedim(2, 1).flatten(0, 1) if latents.ndim == 5 else latents

    def _each(self, work: Work, samples: Tensor, *, together: bool = False) -> Tensor:
        """One sample at a time, so that a result does not depend on its neighbours and memory stays bounded; all of
        them at once where they are one thing.
        """
        with self.network.lease("autoencoder"):
            return torch.cat([work(part).float().cpu() for part in samples.split(len(samples) if together else 1)])

    def _passes(
        self,
        work: Work,
        samples: Tensor,
        sizes: tuple[tuple[int, int], ...],
        overlap: int,
        scale: float,
        channels: int,
        *,
        together: bool = False,
    ) -> Tensor:
        """The mean of several tilings, whose seams lie at different places."""
        with self.network.lease("autoencoder"):
            results = []
            for one in samples.split(len(samples) if together else 1):
                passes = [
                    tiled(work, one, size, min(overlap, *(s - 1 for s in size)), scale, channels) for size in sizes
                ]
                results.append(torch.stack(passes).mean(dim=0))
        return torch.cat(results)

    def _encode_one(self, picture: Tensor) -> Tensor:
        with torch.no_grad(), self.network.lease("autoencoder") as network:
            return self.kind.encode(network, self._placed(picture))

    def _decode_one(self, latent: Tensor) -> Tensor:
        with torch.no_grad(), self.network.lease("autoencoder") as network:
            return self.kind.decode(network, self._placed(latent))

    def _placed(self, tensor: Tensor) -> Tensor:
        return tensor.to(device=self.network.device, dtype=self.network.dtype)


def _overlap(tile: int, overlap: int) -> int:
    """Tiles smaller than four overlaps overlap by a quarter."""
    return tile // 4 if tile < 4 * overlap else overlap


def _shown(pictures: Tensor) -> Tensor:
    """[b 3 h w] or [b 3 t h w] in -1..1 to [n h w 3] in 0..1."""
    still = pictures.movedim(2, 1).flatten(0, 1) if pictures.ndim == 5 else pictures
    return ((still + 1.0) / 2.0).clamp(0.0, 1.0).movedim(1, -1).contiguous()
