"""Parametrizations of networks that were trained at every noise level between two ends."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization, per_sample

TABLE = 1000
"""Entries of the table that schedules read."""

Reading = Callable[[Tensor, Tensor, Tensor, float], Tensor]
"""Gives x0 of (x, output, sigma shaped like x, deviation of the data)."""


def read_noise(x: Tensor, output: Tensor, sigma: Tensor, deviation: float) -> Tensor:
    """The output is the noise."""
    return x - output * sigma


def read_velocity(x: Tensor, output: Tensor, sigma: Tensor, deviation: float) -> Tensor:
    """The output is the velocity. Source: Salimans and Ho 2022."""
    total = sigma**2 + deviation**2
    return x * deviation**2 / total - output * sigma * deviation / total.sqrt()


def read_preconditioned(x: Tensor, output: Tensor, sigma: Tensor, deviation: float) -> Tensor:
    """The output is mixed with x. Source: Karras et al. 2022, table 1, column "ours"."""
    total = sigma**2 + deviation**2
    return x * deviation**2 / total + output * sigma * deviation / total.sqrt()


def read_flow(x: Tensor, output: Tensor, sigma: Tensor, deviation: float) -> Tensor:
    """The output is noise minus data, of a mixture of both whose shares sum to one."""
    return (x - output * sigma) / (1.0 + sigma)


class ContinuousParametrization(Parametrization):
    """Noise levels evenly spaced on the logarithmic scale; the network is told a quarter of the logarithm.

    Args:
        reading: What an output means.
        sigma_min: The smallest level.
        sigma_max: The largest level.
        deviation: Standard deviation of the data.

    Source: Karras et al. 2022, table 1.
    """

    def __init__(self, reading: Reading, sigma_min: float, sigma_max: float, deviation: float = 1.0) -> None:
        self.reading, self.deviation = reading, deviation
        self.sigmas = torch.linspace(math.log(sigma_min), math.log(sigma_max), TABLE).exp()

    def __eq__(self, other: object) -> bool:
        """Whether the other reads outputs in the same way."""
        return (
            super().__eq__(other)
            and isinstance(other, ContinuousParametrization)
            and (self.reading, self.deviation) == (other.reading, other.deviation)
        )

    def __hash__(self) -> int:
        return hash((super().__hash__(), self.deviation))

    def timestep(self, sigma: Tensor) -> Tensor:
        """A quarter of the natural logarithm."""
        return 0.25 * sigma.float().log()

    def sigma(self, timestep: Tensor) -> Tensor:
        """The level at a quarter of its logarithm."""
        return (timestep.float() / 0.25).exp()

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """To unit variance."""
        return x / (per_sample(sigma, x) ** 2 + self.deviation**2) ** 0.5

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """As the reading says."""
        return self.reading(x, output, per_sample(sigma, x), self.deviation)

    def noised(self, latent: Tensor, noise: Tensor, sigma: float, *, full: bool = False) -> Tensor:
        """Latent + sigma * noise; at the full level the noise carries the variance of the data too."""
        return latent + noise * ((1.0 + sigma**2) ** 0.5 if full else sigma)

    def sigma_after(self, share: float) -> float:
        """The sigma after a share of the logarithmic way."""
        return self.sigma_min * (self.sigma_max / self.sigma_min) ** (1.0 - share)


class FlowOfNoiseParametrization(ContinuousParametrization):
    """Rectified flow, told in noise that is added to data of one scale; the network sees the mixture and its share.

    Of data + sigma * noise it sees 1 / (1 + sigma); of that sigma / (1 + sigma) is noise, and its output is noise
    minus data.

    Args:
        sigma_min: The smallest level.
        sigma_max: The largest level.

    Source: Liu et al. 2022, "Flow straight and fast", with time as Cosmos Predict 2 counts it.
    """

    def __init__(self, sigma_min: float, sigma_max: float) -> None:
        super().__init__(read_flow, sigma_min, sigma_max)

    def timestep(self, sigma: Tensor) -> Tensor:
        """The share of noise."""
        return sigma.float() / (1.0 + sigma.float())

    def sigma(self, timestep: Tensor) -> Tensor:
        """The level at which noise has a share."""
        return timestep.float() / (1.0 - timestep.float())

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The mixture."""
        return x / (1.0 + per_sample(sigma, x))

    def noised(self, latent: Tensor, noise: Tensor, sigma: float, *, full: bool = False) -> Tensor:
        """Latent + sigma * noise."""
        return latent + noise * sigma


class AngularParametrization(ContinuousParametrization):
    """The same, but the network is told the angle between data and noise, 0 to 1. Source: Salimans and Ho 2022."""

    def timestep(self, sigma: Tensor) -> Tensor:
        """The angle as a share of a right angle."""
        return sigma.float().atan() / (math.pi / 2)

    def sigma(self, timestep: Tensor) -> Tensor:
        """The tangent of the angle."""
        return (timestep.float() * (math.pi / 2)).tan()
