"""The parametrization of flow matching: straight lines between data and noise."""

import math

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization, per_sample

TABLE = 1000
"""Entries of the table that schedules read."""
SMALLEST_RATIO = 1e-9
"""Keeps logarithms finite at the pure noise of sigma 1 and at sigma 0."""


class FlowParametrization(Parametrization):
    """The output is noise minus data; sigma is the share of noise, 0 to 1.

    Args:
        shift: Moves time towards noise: sigma = shift * t / (1 + (shift - 1) * t).
        timestep_scale: What the network is told is sigma times this.
        table: Entries of the table.

    Source: Esser et al. 2024, "Scaling rectified flow transformers".
    """

    def __init__(self, shift: float = 1.0, timestep_scale: float = 1000.0, table: int = TABLE) -> None:
        self.shift, self.timestep_scale = shift, timestep_scale
        self.sigmas = self._shifted(torch.arange(1, table + 1, dtype=torch.float32) / table)

    def __eq__(self, other: object) -> bool:
        """Whether the other reads outputs in the same way."""
        return (
            isinstance(other, FlowParametrization)
            and (self.shift, self.timestep_scale) == (other.shift, other.timestep_scale)
            and len(self.sigmas) == len(other.sigmas)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.shift, self.timestep_scale, len(self.sigmas)))

    def _shifted(self, time: Tensor) -> Tensor:
        return self.shift * time / (1 + (self.shift - 1) * time)

    def timestep(self, sigma: Tensor) -> Tensor:
        """Sigma at the scale that the network expects."""
        return sigma.float() * self.timestep_scale

    def sigma(self, timestep: Tensor) -> Tensor:
        """The shifted share of noise at a time."""
        return self._shifted(timestep.float() / self.timestep_scale)

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """X as it is."""
        return x

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """X - output * sigma."""
        return x - output * per_sample(sigma, x)

    def noised(self, latent: Tensor, noise: Tensor, sigma: float, *, full: bool = False) -> Tensor:
        """Sigma * noise + (1 - sigma) * latent."""
        return sigma * noise + (1.0 - sigma) * latent

    def finished(self, x: Tensor, sigma: float) -> Tensor:
        """Gives the data their full scale back where a walk ends above 0."""
        return x / (1.0 - sigma) if sigma < 1.0 else x

    def half_log_snr(self, sigma: float) -> float:
        """ln((1 - sigma) / sigma)."""
        return math.log(max(1.0 - sigma, SMALLEST_RATIO) / max(sigma, SMALLEST_RATIO))

    def sigma_at(self, half_log_snr: float) -> float:
        """The sigma of a half log signal-to-noise ratio."""
        return 1.0 / (1.0 + math.exp(half_log_snr))

    def signal(self, sigma: float) -> float:
        """1 - sigma; never quite 0."""
        return max(1.0 - sigma, SMALLEST_RATIO)

    def sigma_after(self, share: float) -> float:
        """The sigma after a share of the time."""
        return float(self._shifted(torch.tensor(1.0 - share)))
