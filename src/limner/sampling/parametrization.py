"""What a network's output means, and the noising process it was trained on.

One object answers: which sigmas exist, which timestep stands for a sigma, how an input is scaled, how an output becomes
a prediction of the clean latent (x0), how a latent is noised. Nothing here knows a network or a sampler.
"""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

EVERY_SIGMA = 999999999.9
"""Larger than every sigma: what percent 0 of a walk means."""


def scaled_linear_betas(start: float = 0.00085, end: float = 0.012, count: int = 1000) -> Tensor:
    """Betas [count], float64, whose square roots grow linearly.

    Source: Rombach et al. 2022, appendix; the values of Stable Diffusion.
    """
    return torch.linspace(start**0.5, end**0.5, count, dtype=torch.float64) ** 2


def sigmas_of_betas(betas: Tensor) -> Tensor:
    """Noise level per timestep, sqrt((1 - a) / a) with a the cumulated product of 1 - beta.

    Shapes: betas [n] float64; returns [n] float64, ascending.
    Source: Karras et al. 2022, table 1 (VP as sigma).
    """
    cumulated = torch.cumprod(1.0 - betas, dim=0)
    return ((1.0 - cumulated) / cumulated) ** 0.5


def per_sample(sigma: Tensor, like: Tensor) -> Tensor:
    """A sigma [b] (or a scalar) shaped to multiply samples [b ...]."""
    return sigma.reshape(sigma.shape[:1] + (1,) * (like.ndim - 1)) if sigma.ndim else sigma


class Parametrization(ABC):
    """How sigma, timestep, input, output and x0 belong together."""

    sigmas: Tensor
    """The table [n], float32, ascending, on the CPU."""

    def __eq__(self, other: object) -> bool:
        """Whether the other means the same by an output: evaluations under equal ones may share a forward pass."""
        return self is other or (
            isinstance(other, Parametrization) and type(self) is type(other) and torch.equal(self.sigmas, other.sigmas)
        )

    def __hash__(self) -> int:
        return hash((type(self), len(self.sigmas), self.sigma_min, self.sigma_max))

    @property
    def sigma_min(self) -> float:
        """The smallest sigma of the table."""
        return float(self.sigmas[0])

    @property
    def sigma_max(self) -> float:
        """The largest sigma of the table."""
        return float(self.sigmas[-1])

    @abstractmethod
    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told for a sigma. Shapes: any; returns like sigma, float32."""

    @abstractmethod
    def sigma(self, timestep: Tensor) -> Tensor:
        """The noise level at a timestep, fractions allowed. Shapes: any; returns like timestep."""

    @abstractmethod
    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """What the network is shown. Shapes: x [b ...], sigma [b]; returns like x."""

    @abstractmethod
    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The clean latent that an output predicts. Shapes: x, output [b ...], sigma [b]; returns like x."""

    @abstractmethod
    def noised(self, latent: Tensor, noise: Tensor, sigma: float, *, full: bool = False) -> Tensor:
        """A latent brought to a noise level.

        Args:
            latent: Clean latent.
            noise: Unit Gaussian, like latent.
            sigma: Wanted noise level.
            full: Whether sigma is where walks begin, so that the latent's own variance is accounted for.
        """

    def starts_full(self, sigma: float) -> bool:
        """Whether a walk that begins at sigma begins at pure noise."""
        return sigma > self.sigma_max or math.isclose(sigma, self.sigma_max, rel_tol=1e-5)

    def finished(self, x: Tensor, sigma: float) -> Tensor:
        """Undoes what noising did to the latent's scale, at the sigma where a walk ends."""
        return x

    def half_log_snr(self, sigma: float) -> float:
        """Half the logarithm of the signal-to-noise ratio, the time in which exponential integrators count."""
        return -math.log(sigma)

    def sigma_at(self, half_log_snr: float) -> float:
        """The sigma of a half log signal-to-noise ratio."""
        return math.exp(-half_log_snr)

    def signal(self, sigma: float) -> float:
        """What the data are multiplied by at a noise level."""
        return 1.0

    def percent_to_sigma(self, percent: float) -> float:
        """The sigma after a share of a walk, counted from pure noise.

        Range: percent 0 gives a value above every sigma, 1 gives 0.
        """
        if percent <= 0.0:
            return EVERY_SIGMA
        if percent >= 1.0:
            return 0.0
        return self.sigma_after(percent)

    def sigma_after(self, share: float) -> float:
        """The sigma after a share of the timesteps, neither none nor all of them."""
        return float(self.sigma(torch.tensor((1.0 - share) * (len(self.sigmas) - 1))))


class DiscreteParametrization(Parametrization):
    """A network trained at the integer timesteps of a table of sigmas.

    Args:
        sigmas: Ascending table [n]; the default is Stable Diffusion's.
    """

    def __init__(self, sigmas: Tensor | None = None) -> None:
        table = sigmas_of_betas(scaled_linear_betas()) if sigmas is None else sigmas
        self.sigmas = table.float()
        self.log_sigmas = table.log().float()

    def timestep(self, sigma: Tensor) -> Tensor:
        """The integer timestep whose log sigma is nearest."""
        distances = (sigma.log().reshape(1, -1) - self.log_sigmas.to(sigma.device)[:, None]).abs()
        return distances.argmin(dim=0).reshape(sigma.shape).float()

    def sigma(self, timestep: Tensor) -> Tensor:
        """The noise level at a timestep, log-linear between the table's entries."""
        place = timestep.float().clamp(min=0, max=len(self.sigmas) - 1)
        low, high = place.floor().long(), place.ceil().long()
        weight = place.frac()
        table = self.log_sigmas.to(timestep.device)
        return ((1 - weight) * table[low] + weight * table[high]).exp()

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """To unit variance: x / sqrt(sigma^2 + 1)."""
        return x / (per_sample(sigma, x) ** 2 + 1.0) ** 0.5

    def noised(self, latent: Tensor, noise: Tensor, sigma: float, *, full: bool = False) -> Tensor:
        """Latent + sigma * noise; at the full level the noise carries the variance of the data too."""
        return latent + noise * ((1.0 + sigma**2) ** 0.5 if full else sigma)


class EpsParametrization(DiscreteParametrization):
    """The output is the noise. Source: Ho et al. 2020, equation 15."""

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """X minus the noise that was found."""
        return x - output * per_sample(sigma, x)


class VelocityParametrization(DiscreteParametrization):
    """The output is v = alpha * noise - sigma * x0. Source: Salimans and Ho 2022, appendix D."""

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """X / (sigma^2 + 1) - output * sigma / sqrt(sigma^2 + 1)."""
        level = per_sample(sigma, x)
        return x / (level**2 + 1.0) - output * level / (level**2 + 1.0) ** 0.5
