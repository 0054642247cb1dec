"""What a model family has to say of itself: one record, filled by one file in ``families``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization

Extras = Callable[[Mapping[str, Any], Tensor], dict[str, Tensor]]
"""A conditioning entry's options and the walk's latent [b c h w] to further network inputs, each with a batch of 1."""


@dataclass(frozen=True)
class TextPart:
    """One text encoder of a family, found in a file.

    Attributes:
        name: ``clip_l``, ``clip_g`` or ``clip_h``; embedding files use the same names.
        blueprint: How to build it.
        padding: The token that fills a chunk.
        layer: The layer that the family was trained on, -1 the last; None: the last, normed.
        normed: Whether the final norm is applied to that layer.
    """

    name: str
    blueprint: Blueprint
    padding: int
    layer: int | None = None
    normed: bool = True


def no_extras(entry: Mapping[str, Any], latent: Tensor) -> dict[str, Tensor]:
    """For networks that want nothing but the text."""
    return {}


@dataclass(frozen=True)
class Family:
    """One architecture: how to recognise, load and describe it.

    Attributes:
        name: Short name, ``sdxl``.
        doc: One sentence for people.
        recognise: Whether a file's tensors are of this family.
        network: How to build the denoising network.
        text: The text encoders that the file holds; empty if it holds none.
        parametrization: What the network's output means.
        latent_format: How latents are scaled and seen.
        native_size: Width and height in pixels that the family was trained at.
        extras: Further inputs of the network.
    """

    name: str
    doc: str
    recognise: Callable[[Layout], bool]
    network: Callable[[Layout], Blueprint]
    text: Callable[[Layout], tuple[TextPart, ...]]
    parametrization: Callable[[Layout], Parametrization]
    latent_format: LatentFormat
    native_size: int
    extras: Extras = no_extras
