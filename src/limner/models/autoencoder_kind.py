"""What a kind of autoencoder has to say of itself: one record, filled by one file in ``autoencoders``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout


def mean_of(network: Any, pictures: Tensor) -> Tensor:
    """The mean of the latent distribution of one of diffusers' autoencoders; nothing is drawn at random."""
    return network.encode(pictures).latent_dist.mean


def decoded(network: Any, latents: Tensor) -> Tensor:
    """What one of diffusers' autoencoders makes of latents."""
    return network.decode(latents, return_dict=False)[0]


@dataclass(frozen=True)
class AutoencoderKind:
    """One architecture of autoencoders.

    Attributes:
        name: Short name, ``kl``.
        doc: One sentence for people.
        blueprint: How to build the one in a file; None if it holds none of this kind. Its facts state
            ``latent_channels`` and ``downscale`` (pixels per latent element).
        encode: Network and pictures [b 3 h w] (videos [b 3 t h w]) in -1..1 to latents as they are stored.
        decode: The way back.
        frames: Frames per latent element after the first, which stands for one frame; 0: still pictures.
        together: Whether a batch of latents is one video's frames, which are decoded together.
    """

    name: str
    doc: str
    blueprint: Callable[[Layout], Blueprint | None]
    encode: Callable[[Any, Tensor], Tensor] = mean_of
    decode: Callable[[Any, Tensor], Tensor] = decoded
    frames: int = 0
    together: bool = False
