"""Large pictures repainted in tiles that a network can paint well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Flags, Number, node
from limner.media.resize import resize_images
from limner.models.tiles import feathered
from limner.nodes.autoencoding import present
from limner.nodes.growing import OWN
from limner.nodes.sampling import Loop, Registry, Telling, walk
from limner.nodes.sockets import CONDITIONING, IMAGE, MODEL, UPSCALE_MODEL, VAE
from limner.nodes.widgets import Guidance, SamplerName, ScaleFactor, ScheduleName, Seed, Share, Steps
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.noise import initial_noise
from limner.sampling.steps import sigmas_for

TileSide = Annotated[int, Number(min=64, max=4096, step=8)]
Overlap = Annotated[int, Number(min=0, max=1024, step=8)]


@dataclass(frozen=True)
class Grid:
    """Equal tiles that cover a picture; the last ones of a row or column are moved back into it.

    Attributes:
        height: Of the picture, and
        width: likewise; multiples of ``step``, as all places are.
        tile: Height and width of a tile.
        overlap: How far neighbours overlap at least.
        step: Pixels per latent element.
    """

    height: int
    width: int
    tile: tuple[int, int]
    overlap: int
    step: int

    @classmethod
    def over(cls, height: int, width: int, tile: tuple[int, int], overlap: int, step: int) -> "Grid":
        """A grid whose tiles are no larger than the picture and overlap by less than half of themselves."""
        sides = (min(tile[0], height) // step * step, min(tile[1], width) // step * step)
        most = (min(sides) - step) // 2 // step * step
        return cls(height, width, sides, max(0, min(overlap, most)) // step * step, step)

    @property
    def places(self) -> list[tuple[int, int]]:
        """Top and left of each tile, row by row."""
        rows = _starts(self.height, self.tile[0], self.overlap)
        return list(product(rows, _starts(self.width, self.tile[1], self.overlap)))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.height, self.width

    def cut(self, planes: Tensor, shrunk: int = 1) -> Iterator[Tensor]:
        """The tiles of [b c h w], whose elements stand for so many pixels."""
        rows, columns = (side // shrunk for side in self.tile)
        for top, left in self.places:
            yield planes[:, :, top // shrunk : top // shrunk + rows, left // shrunk : left // shrunk + columns]

    def joined(self, tiles: Sequence[Tensor]) -> Tensor:
        """A picture of its tiles, which fade into each other. Shapes: tiles [b h w c]; returns [b height width c]."""
        weight = feathered(*self.tile, self.overlap)[..., None]
        total = tiles[0].new_zeros(tiles[0].shape[0], self.height, self.width, tiles[0].shape[-1])
        cover = weight.new_zeros(self.height, self.width, 1)
        for (top, left), tile in zip(self.places, tiles, strict=True):
            place = (slice(top, top + self.tile[0]), slice(left, left + self.tile[1]))
            total[:, *place] += tile * weight
            cover[place] += weight
        return total / cover


def _starts(length: int, tile: int, overlap: int) -> list[int]:
    """Where tiles begin along one side."""
    regular = range(0, length - tile, tile - overlap)
    return [*regular, length - tile]


@dataclass
class CutNoise:
    """The noise of a whole picture, cut like its latents, so that tiles agree where they overlap."""

    seed: int
    grid: Grid

    def generate_noise(self, latent: dict[str, Any]) -> Tensor:
        """Unit Gaussian noise like the latent's samples, one tile a sample."""
        samples = latent["samples"]
        rows, columns = (side // self.grid.step for side in self.grid.size)
        whole = initial_noise(samples.new_zeros(1, samples.shape[1], rows, columns), self.seed)
        return torch.cat(list(self.grid.cut(whole, self.grid.step)))


def enlarged(image: Tensor, factor: float, upscaler: Any, progress: Telling) -> Tensor:
    """Images at a multiple of their size, by a network if there is one. Shapes: [b h w c]; returns [b h' w' 3]."""
    width, height = round(image.shape[2] * factor), round(image.shape[1] * factor)
    grown = image[..., :3] if upscaler is None else upscaler.upscale(image, progress.report)
    return resize_images(grown, max(1, width), max(1, height), "lanczos")


def padded(image: Tensor, step: int) -> Tensor:
    """Images whose sides are multiples of a step, the border repeated. Shapes: [b h w c]."""
    bottom, right = -image.shape[1] % step, -image.shape[2] % step
    return functional.pad(image.movedim(-1, 1), (0, right, 0, bottom), mode="replicate").movedim(1, -1)


@node(name="TiledUpscale", title="Upscale Image in Tiles", category="image/upscaling", module=OWN)
def tiled_upscale(
    *,
    image: IMAGE,
    model: MODEL,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    upscale_by: ScaleFactor = 2.0,
    seed: Seed = 0,
    steps: Steps = 20,
    cfg: Guidance = 7.0,
    sampler_name: SamplerName,
    scheduler: ScheduleName,
    denoise: Share = 0.3,
    tile_width: TileSide = 512,
    tile_height: TileSide = 512,
    overlap: Overlap = 64,
    upscale_model: Annotated[UPSCALE_MODEL, Flags(optional=True)] = None,
    registry: Registry,
    loop: Loop,
    progress: Telling,
) -> IMAGE:
    """Enlarges images and repaints them in tiles, so that new detail has the sharpness of the model's own size.

    ``denoise`` says how much is repainted: 0.2 to 0.4 keeps what is there. All tiles of an image are painted as one
    batch, from noise that agrees where they overlap, and fade into each other over the overlap. Every tile gets the
    whole text, so a text should fit all of them ("sharp, detailed" rather than "a house on the left"). Without
    ``upscale_model`` the enlargement before it is plain.
    """
    sampler = registry.sampler(sampler_name)
    sigmas = sigmas_for(registry.schedule(scheduler), sampler, model.parametrization, steps, denoise)
    coder, guider = present(vae), CfgGuider(positive, negative, cfg)
    results: list[Tensor] = []
    for picture in enlarged(image, upscale_by, upscale_model, progress).split(1):
        height, width = picture.shape[1:3]
        whole = padded(picture, coder.downscale)
        rows, columns = whole.shape[1:3]
        grid = Grid.over(rows, columns, (tile_height, tile_width), overlap, coder.downscale)
        tiles = [coder.encode(tile.movedim(1, -1)) for tile in grid.cut(whole.movedim(-1, 1))]
        latent = {"samples": torch.cat(tiles)}
        painted = walk(loop, progress, model, guider, sampler, sigmas, CutNoise(seed, grid), latent)
        pixels = [coder.decode(one) for one in painted.samples.split(1)]
        results.append(grid.joined(pixels)[:, :height, :width])
    return torch.cat(results).clamp(0.0, 1.0)
