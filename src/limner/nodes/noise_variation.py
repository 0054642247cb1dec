"""Noise that lies between the noises of two seeds, or is made for a picture of another size."""

from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Flags, Number, node
from limner.media.resize import slerp
from limner.nodes.growing import OWN
from limner.nodes.latents import DOWNSCALE
from limner.nodes.sampling_parts import CUSTOM
from limner.nodes.sockets import NOISE
from limner.nodes.widgets import LARGEST_SEED, Seed, Share, SideOrZero
from limner.sampling.noise import initial_noise

SeedOffset = Annotated[int, Number(min=0, max=LARGEST_SEED), Flags(optional=True)]
Multiplier = Annotated[float, Number(min=0.0, max=10.0, step=0.01), Flags(optional=True)]


@dataclass(frozen=True)
class Variation:
    """Noise of its own for each picture of a batch, the same that the picture would have alone.

    Attributes:
        seed: Of the walk.
        noise_seed: Of the first picture's noise.
        subseed: Of the noise towards which it is turned.
        strength: How far. Range: 0 to 1. Without it the n-th picture has seed + n, else the same seed and subseed + n.
        size: Rows and columns of the noise that is drawn, in latent elements; 0: the latent's own.
        multiplier: Of all of it.
    """

    seed: int
    noise_seed: int
    subseed: int
    strength: float
    size: tuple[int, int] = (0, 0)
    multiplier: float = 1.0

    def generate_noise(self, latent: dict[str, Any]) -> Tensor:
        """See ``NoiseSource``."""
        samples = latent["samples"]
        places = latent.get("batch_index") or range(len(samples))
        noise = torch.cat([self._one(samples[:1], int(place)) for place in places])
        return noise if self.multiplier == 1.0 else noise * self.multiplier

    def _one(self, sample: Tensor, place: int) -> Tensor:
        own = tuple(sample.shape[-2:])
        size = self.size if all(self.size) else own
        seed = self.noise_seed if self.strength > 0 else self.noise_seed + place
        noise = _drawn(sample, seed, size)
        if self.strength > 0:
            noise = between(noise, _drawn(sample, self.subseed + place, size), self.strength)
        return noise if size == own else in_the_middle(noise, _drawn(sample, seed, own))


def _drawn(sample: Tensor, seed: int, size: tuple[int, ...]) -> Tensor:
    return initial_noise(sample.new_empty((*sample.shape[:-2], *size)), seed % (LARGEST_SEED + 1))


def between(first: Tensor, second: Tensor, share: float) -> Tensor:
    """The point on the arc between two noises, each of them one vector. Shapes: [1 ...]. Source: Shoemake 1985."""
    if share >= 1:
        return second
    start, end = first.reshape(1, -1, 1, 1), second.reshape(1, -1, 1, 1)
    return slerp(start, end, first.new_tensor(share)).reshape(first.shape)


def in_the_middle(inner: Tensor, outer: Tensor) -> Tensor:
    """The middle of one noise in the middle of another. Shapes: [... h w] of any sizes; returns like outer."""
    result = outer.clone()
    source, target = inner, result
    for axis in (-2, -1):
        length = min(inner.shape[axis], outer.shape[axis])
        source = source.narrow(axis, (inner.shape[axis] - length) // 2, length)
        target = target.narrow(axis, (outer.shape[axis] - length) // 2, length)
    target.copy_(source)
    return result


@node(name="VariationNoise", title="Variation Noise", category=f"{CUSTOM}/noise", module=OWN)
def variation_noise(
    *,
    seed: Seed = 0,
    subseed: Seed = 0,
    strength: Share = 0.0,
    resize_from_width: SideOrZero = 0,
    resize_from_height: SideOrZero = 0,
    walk_seed_offset: SeedOffset = 0,
    multiplier: Multiplier = 1.0,
) -> NOISE:
    """The noise of a seed, turned towards that of another one by a share of the way.

    Each picture of a batch has the noise that it would have alone: that of ``seed`` + its number, or with a strength
    that of ``subseed`` + its number. With a width and a height, in pixels, the noise of a picture of that size lies in
    the middle, so that a seed known from that size shows much the same. ``walk_seed_offset`` is added to the seed of
    what samplers draw on their way. ``multiplier`` makes the noise that the walk begins with stronger or weaker.
    """
    size = resize_from_height // DOWNSCALE, resize_from_width // DOWNSCALE
    walk_seed = (seed + walk_seed_offset) % (LARGEST_SEED + 1)
    return Variation(walk_seed, seed, subseed, strength, size, multiplier)
