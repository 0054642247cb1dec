"""Further ways to read the output of a network that was trained at a table of timesteps."""

import torch
from torch import Tensor

from limner.sampling.parametrization import (
    DiscreteParametrization,
    per_sample,
    scaled_linear_betas,
    sigmas_of_betas,
)

LEAST_SIGNAL = 4.8973451890853435e-08
"""Square of the signal's share that stands for none at the noisiest timestep, so that its sigma stays finite."""
DISTILLED_STEPS = 50
DISTILLED_DEVIATION = 0.5
DISTILLED_TIME = 10.0
"""How a timestep counts in the boundary condition."""


def without_signal(sigmas: Tensor) -> Tensor:
    """A table whose noisiest timestep has (next to) no signal left.

    Shapes: sigmas [n] ascending; returns [n].
    Source: Lin et al. 2023, "Common diffusion noise schedules and sample steps are flawed".
    """
    share = (1.0 / (sigmas.double() ** 2 + 1.0)).sqrt()
    share = (share - share[-1]) * share[0] / (share[0] - share[-1])
    power = share**2
    power[-1] = LEAST_SIGNAL
    return ((1.0 - power) / power).sqrt()


class CleanParametrization(DiscreteParametrization):
    """The output is the clean latent."""

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The output."""
        return output


class PictureParametrization(CleanParametrization):
    """The output is the clean latent, and the network is shown x as it is."""

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """X as it is."""
        return x


class DistilledParametrization(DiscreteParametrization):
    """A network that was distilled to jump to the end from fifty timesteps ("latent consistency").

    Args:
        sigmas: The whole ascending table; every twentieth entry, counted from the top, remains.

    Source: Luo et al. 2023, "Latent consistency models".
    """

    def __init__(self, sigmas: Tensor | None = None) -> None:
        whole = sigmas_of_betas(scaled_linear_betas()) if sigmas is None else sigmas
        self.stride = max(1, len(whole) // DISTILLED_STEPS)
        super().__init__(whole[self.stride - 1 :: self.stride])

    def timestep(self, sigma: Tensor) -> Tensor:
        """The timestep of the whole table whose remaining entry is nearest."""
        return super().timestep(sigma) * self.stride + (self.stride - 1)

    def sigma(self, timestep: Tensor) -> Tensor:
        """The noise level at a timestep of the whole table."""
        return super().sigma((timestep.float() - (self.stride - 1)) / self.stride)

    def sigma_after(self, share: float) -> float:
        """The sigma after a share of the whole table's timesteps."""
        whole = len(self.sigmas) * self.stride - 1
        return float(self.sigma(torch.tensor((1.0 - share) * whole)))

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """X without its noise, blended with x as the boundary condition of consistency models asks."""
        level, time = per_sample(sigma, x), per_sample(self.timestep(sigma), x) * DISTILLED_TIME
        total = time**2 + DISTILLED_DEVIATION**2
        return (x - output * level) * time / total.sqrt() + x * DISTILLED_DEVIATION**2 / total
