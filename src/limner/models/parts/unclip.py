"""What unCLIP networks are told of pictures: vectors of a vision encoder under noise, and how much noise that was.

Noise lets a network take less from a picture. It is drawn in the space where vectors have mean 0 and deviation 1; the
statistics that lead there are in the model's file and lie with its network. As noising is linear in them, everything
else is done before the network is there. Source: Ramesh et al. 2022, "Hierarchical text-conditional image generation
with CLIP latents", section 2.1; Stability AI 2023, "Stable unCLIP 2.1", for noise on the vectors; Nichol and Dhariwal
2021, equation 17, for its schedule.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from limner.graph.errors import NumericsError
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.sampling.guidance import SEED

PICTURES = "unclip_conditioning"
"""Option of conditioning entries: a list of ``clip_vision_output``, ``strength`` and ``noise_augmentation`` by name."""

MERGING, MERGING_NOISE = "unclip_noise_augment_merge", 0.05
"""Option: how much noise several pictures get once they are one vector; and how much without it."""

SEED_OFFSET = -10
"""From the walk's seed to that of the noise."""

LEVELS, OFFSET, LARGEST_BETA = 1000, 0.008, 0.999
SLOWEST = 10000.0
"""Period of the slowest of the features that a noise level is told by."""

STATISTICS = (
    ("noise_augmentor.data_mean", "noise_augmentor.data_std"),
    ("image_normalizer.mean", "image_normalizer.std"),
)
"""Mean and deviation of vectors in files, in the original layout and in folders."""

MEAN, DEVIATION = "seen_mean", "seen_deviation"
"""The same in our network."""


@dataclass(frozen=True)
class Told:
    """What a network is told of pictures: ``seen + drift * mean + noise * deviation``, and how much noise that was.

    Attributes:
        seen: The part of the vectors that no statistics change [1 d].
        drift: How much of the mean is added [1 1].
        noise: Noise that is multiplied by the deviation [1 d].
        level: Features of the noise level [1 d].
    """

    seen: Tensor
    drift: Tensor
    noise: Tensor
    level: Tensor


def told(entry: Mapping[str, Any], width: int) -> Told:
    """What a network is told for a conditioning entry; zeros without pictures.

    Several pictures are added up, each under its own noise and times its strength; the sum gets noise once more.

    Args:
        entry: The entry's options.
        width: Length of the vectors that the network was trained with.

    Raises:
        NumericsError: if a vector is of another length.
    """
    shown = [
        (_fitting(vector, width), float(picture["strength"]), float(picture["noise_augmentation"]))
        for picture in entry.get(PICTURES) or ()
        for vector in picture["clip_vision_output"].image_embeds
    ]
    if not shown:
        return _plain(torch.zeros(1, width))
    noise = _noise(width, int(entry.get(SEED, 0)))
    noised = [_times(_noised(_plain(vector), level, noise), strength) for vector, strength, level in shown]
    if len(noised) == 1:
        return noised[0]
    return _noised(_sum(noised), float(entry.get(MERGING, MERGING_NOISE)), noise)


def _plain(vector: Tensor) -> Told:
    """A vector without noise, and without features that say so."""
    nothing = torch.zeros_like(vector)
    return Told(vector, torch.zeros(1, 1), nothing, nothing)


def _fitting(vector: Tensor, width: int) -> Tensor:
    if vector.numel() != width:
        raise NumericsError(
            f"This model is told of pictures by vectors of {width} numbers, but the vision encoder gives "
            f"{vector.numel()}. Use the encoder that comes with the model (unCLIPCheckpointLoader), or one of its kind."
        )
    return vector.reshape(1, width).float()


def _noise(width: int, seed: int) -> Tensor:
    """The same for all pictures of a walk."""
    return torch.randn(1, width, generator=torch.Generator().manual_seed(seed + SEED_OFFSET))


def _noised(told: Told, augmentation: float, noise: Tensor) -> Told:
    """Under noise. Range: augmentation 0 (almost none) to 1 (nothing else)."""
    level = round((LEVELS - 1) * augmentation)
    kept = _kept(level)
    signal, share = kept**0.5, (1.0 - kept) ** 0.5
    # From x to (x - mean) / deviation, noised, and back.
    drift = told.drift * signal + (1.0 - signal)
    return Told(told.seen * signal, drift, told.noise * signal + noise * share, features(level, noise.shape[-1]))


def _times(told: Told, strength: float) -> Told:
    return Told(told.seen * strength, told.drift * strength, told.noise * strength, told.level * strength)


def _sum(several: Sequence[Told]) -> Told:
    names = ("seen", "drift", "noise", "level")
    return Told(*(torch.stack([getattr(one, name) for one in several]).sum(dim=0) for name in names))


def _kept(level: int) -> float:
    """How much of the variance is the picture's at a level. Source: Nichol and Dhariwal 2021, equation 17."""

    def remains(share: float) -> float:
        return math.cos((share + OFFSET) / (1.0 + OFFSET) * math.pi / 2) ** 2

    shares = [step / LEVELS for step in range(level + 2)]
    return math.prod(
        1.0 - min(1.0 - remains(after) / remains(before), LARGEST_BETA) for before, after in pairwise(shares)
    )


def features(level: int, width: int) -> Tensor:
    """Sinusoidal features of a number, cosines first [1 width]. Source: Vaswani et al. 2017, section 3.5."""
    half = width // 2
    angles = level * torch.exp(-math.log(SLOWEST) * torch.arange(half, dtype=torch.float32) / half)
    return torch.cat([angles.cos(), angles.sin()])[None]


def as_pooled(entry: Mapping[str, Any], width: int) -> Tensor:
    """Pictures in the place of pooled text, for networks that were not trained on pictures: noise as it is drawn.

    Shapes: returns [1 width].
    """
    found = told(entry, width)
    return found.seen + found.noise


def label(network: Any, inputs: Mapping[str, Tensor]) -> Tensor:
    """The conditioning vector of a network, with its statistics. Shapes: returns [n 2 * d]."""
    seen = inputs["seen"]
    mean, deviation = (getattr(network, name, None) for name in (MEAN, DEVIATION))
    seen = seen + (inputs["noise"] if deviation is None else inputs["noise"] * deviation)
    seen = seen if mean is None else seen + inputs["drift"] * mean
    return torch.cat([seen, inputs["level"]], dim=-1)


def with_statistics(blueprint: Blueprint, layout: Layout) -> Blueprint:
    """A UNet's blueprint with the statistics that its file has; itself where it has none."""
    names = next((pair for pair in STATISTICS if all(name in layout for name in pair)), None)
    if names is None:
        return blueprint
    width = math.prod(layout.shape(names[0]))
    sources = {
        place: Source((name,), torch.flatten, (width,)) for place, name in zip((MEAN, DEVIATION), names, strict=True)
    }
    return replace(
        blueprint, keys={**blueprint.keys, **sources}, build=partial(_build, build=blueprint.build, width=width)
    )


def _build(*, build: Any, width: int) -> nn.Module:
    network: nn.Module = build()
    for name in (MEAN, DEVIATION):
        network.register_buffer(name, torch.empty(width))
    return network
