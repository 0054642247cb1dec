"""Random numbers of a walk: the noise it starts from, and what stochastic samplers add on the way.

Every source is an object of one walk with generators of its own; the global random state is neither used nor touched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.sampling.brownian import BrownianTree
from limner.sampling.parametrization import Parametrization

CPU = torch.device("cpu")


def generator(seed: int, device: torch.device = CPU) -> torch.Generator:
    """A generator at the beginning of a seed's sequence. Range: seed 0 to 2^64 - 1."""
    return torch.Generator(device).manual_seed(seed)


def initial_noise(latent: Tensor, seed: int, batch_index: Sequence[int] | None = None) -> Tensor:
    """Unit Gaussian noise for a latent, drawn on the CPU so that it is the same on every device.

    Args:
        latent: Gives shape and type, [b c h w].
        seed: Start of the sequence.
        batch_index: For each sample, which draw of the sequence it gets; equal indices share one.

    Returns:
        Like latent, on the CPU.
    """
    source = generator(seed)
    if batch_index is None:
        return torch.randn(latent.shape, dtype=latent.dtype, generator=source)
    shape = (1, *latent.shape[1:])
    draws = [torch.randn(shape, dtype=latent.dtype, generator=source) for _ in range(max(batch_index) + 1)]
    return torch.cat([draws[index] for index in batch_index])


def unguided(x0: Tensor) -> Tensor:
    """The negative prediction where there is no guidance: the prediction itself."""
    return x0


@dataclass(frozen=True)
class Noise:
    """The noising process of one walk: what stochastic samplers draw from, and how noise counts.

    Attributes:
        draw: Gives a fresh unit Gaussian, like the walk's x.
        increment: Gives the Brownian increment between two sigmas, divided by the root of their distance; refining
            the steps of a walk refines the same path.
        parametrization: The network's noising process.
        negative: Gives the negative prediction that belongs to the x0 which was sent last, before guidance; for
            samplers that are marked ``needs_negative``.
    """

    draw: Callable[[], Tensor]
    increment: Callable[[float, float], Tensor]
    parametrization: Parametrization
    negative: Callable[[Tensor], Tensor] = unguided

    @classmethod
    def seeded(
        cls,
        seed: int,
        x: Tensor,
        sigmas: Sequence[float],
        parametrization: Parametrization,
        tree_device: torch.device | None = None,
    ) -> "Noise":
        """The sources of a walk that starts at x.

        Args:
            seed: The user's seed. The draws begin where the initial noise began, so on a CPU the first one repeats it;
                a convention that fixes every ancestral picture.
            x: Gives shape, type and device of the draws.
            sigmas: The walk's noise levels; the Brownian path spans the positive ones.
            parametrization: The network's noising process.
            tree_device: Where the Brownian path is drawn; the CPU unless given.
        """
        source = generator(seed, x.device)

        def draw() -> Tensor:
            return torch.randn(x.shape, dtype=x.dtype, device=x.device, generator=source)

        return cls(draw, BrownianIncrements(x, sigmas, seed, tree_device or CPU), parametrization)

    def noised(self, x0: Tensor, sigma: float) -> Tensor:
        """A clean latent with fresh noise of a level."""
        return self.parametrization.noised(x0, self.draw(), sigma)

    def half_log_snr(self, sigma: float) -> float:
        """The time of exponential integrators, see Parametrization.half_log_snr."""
        return self.parametrization.half_log_snr(sigma)

    def sigma_at(self, half_log_snr: float) -> float:
        """The sigma at a time of exponential integrators, see Parametrization.sigma_at."""
        return self.parametrization.sigma_at(half_log_snr)

    def signal(self, sigma: float) -> float:
        """How much of the data is left at a sigma: 1, but in flow models."""
        return self.parametrization.signal(sigma)


class BrownianIncrements:
    """Unit increments of one Brownian path over a walk's positive sigmas; the path is built when first asked."""

    def __init__(self, x: Tensor, sigmas: Sequence[float], seed: int, device: torch.device) -> None:
        self.x, self.seed, self.device = x, seed, device
        self.positive = [sigma for sigma in sigmas if sigma > 0]
        self.tree: BrownianTree | None = None

    def __call__(self, sigma: float, following: float) -> Tensor:
        """The increment from one sigma down to the following one, with unit variance; like x."""
        if self.tree is None:
            span = min(self.positive), max(self.positive)
            self.tree = BrownianTree(self.x.shape, self.x.dtype, self.device, *span, entropy=self.seed)
        low, high = min(sigma, following), max(sigma, following)
        sign = 1.0 if sigma < following else -1.0
        return (self.tree.increment(low, high) * sign).to(self.x.device) / (high - low) ** 0.5
