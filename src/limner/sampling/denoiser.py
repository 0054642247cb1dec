"""The seam between mathematics and networks: what sampling asks of a network, and nothing more.

``models`` implements Denoiser; ``sampling`` never sees how. Shapes: images and latents [b c h w].
"""

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from limner.sampling.parametrization import Parametrization


@dataclass(frozen=True)
class LatentFormat:
    """How a family's latents are stored and seen.

    Attributes:
        channels: Channels of a latent.
        downscale: Pixels per latent element.
        scale: What a stored latent is multiplied by before sampling.
        shift: What is subtracted before scaling.
        mean: The same for each channel; empty: ``shift`` for all.
        deviation: What each channel is divided by besides; empty: nothing.
        rgb: A [channels 3] matrix for cheap previews, and
        rgb_bias: its [3] bias.
        measure: Gives the format with such a matrix, where that costs something; None: there is none.
        frames: Frames per latent element, but for the first, which stands for one; 0: still pictures [b c h w], and
            videos [b c t h w] otherwise.
        together: Whether a batch is one thing, the frames of a video, and the network has to see it as a whole.
    """

    channels: int = 4
    downscale: int = 8
    scale: float = 0.18215
    shift: float = 0.0
    rgb: tuple[tuple[float, float, float], ...] = ()
    rgb_bias: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    frames: int = 0
    together: bool = False

    measure: "Callable[[], LatentFormat] | None" = field(default=None, compare=False)

    def seen(self) -> "LatentFormat":
        """The format with colours for previews, as far as they can be had. Cost: perhaps seconds, the first time."""
        return self if self.rgb or self.measure is None else self.measure()

    def to_model(self, latent: torch.Tensor) -> torch.Tensor:
        """Stored latent to the network's scale. Shapes: [b c ...]; returns like latent."""
        if self.mean or self.deviation:
            return (latent - _channels(self.mean, latent, 0.0)) * self.scale / _channels(self.deviation, latent, 1.0)
        return (latent - self.shift) * self.scale if self.shift else latent * self.scale

    def to_stored(self, latent: torch.Tensor) -> torch.Tensor:
        """The network's scale to a stored latent. Shapes: [b c ...]; returns like latent."""
        if self.mean or self.deviation:
            return latent * _channels(self.deviation, latent, 1.0) / self.scale + _channels(self.mean, latent, 0.0)
        return latent / self.scale + self.shift if self.shift else latent / self.scale


def _channels(values: tuple[float, ...], like: torch.Tensor, default: float) -> torch.Tensor:
    """Values of channels, shaped to go with [b c ...]; the default for each where there are none."""
    found = like.new_tensor(values or (default,) * like.shape[1])
    return found.reshape(1, -1, *(1,) * (like.ndim - 2))


class Denoiser(Protocol):
    """A network with everything that a walk needs to know of it."""

    parametrization: Parametrization
    latent_format: LatentFormat
    device: torch.device
    options: Mapping[str, Any]
    """Extras that model-patching nodes set: ``sampler_cfg_function``, ``denoise_mask_function`` ..."""

    @property
    def key(self) -> Hashable:
        """Evaluations under equal keys may share one forward pass: same network, same patches."""
        ...

    def inputs(self, entry: Mapping[str, Any], context: torch.Tensor, latent: torch.Tensor) -> dict[str, torch.Tensor]:
        """Network inputs of one conditioning entry, each with a batch of 1.

        Args:
            entry: The entry's options (``pooled_output``, ``width`` ...).
            context: Text, [1 t d].
            latent: The walk's latent [b c h w], for its size.

        Returns:
            For instance ``context`` [1 t d], ``y`` [1 v], ``concat`` [1 c h w].
        """
        ...

    def for_entry(self, options: Mapping[str, Any], sigma: float) -> "Denoiser":
        """The network that answers for a conditioning entry at a noise level: this one, or one that is steered."""
        ...

    def predict(
        self,
        x: torch.Tensor,
        timestep: torch.Tensor,
        inputs: Mapping[str, torch.Tensor],
        reports: dict[str, torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """One forward pass.

        Shapes: x [n c h w], already scaled for the network; timestep [n]; every input [n ...]. Returns like x, float32.
        Where the options name further tensors [n ...] (see ``variants``), ``reports`` is given, to be filled with them.
        """
        ...

    def lease(self) -> AbstractContextManager[None]:
        """Keeps the weights, with this denoiser's patches, on the device while it is held."""
        ...
