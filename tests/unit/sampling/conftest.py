"""Real small things to sample with: Gaussian data, whose walks have closed forms, and a tiny network."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from limner.sampling.denoiser import LatentFormat
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import Noise
from limner.sampling.parametrization import EpsParametrization
from limner.sampling.registry import SamplingRegistry
from limner.sampling.sampler import Sampler
from limner.sampling.walk import Walk


class GaussianData:
    """Latents distributed as N(mean, spread^2), element by element."""

    mean, spread = 0.7, 1.3

    def x0(self, x: Tensor, sigma: float) -> Tensor:
        """The best guess of the clean latent."""
        return (self.spread**2 * x + sigma**2 * self.mean) / (self.spread**2 + sigma**2)

    def followed(self, x: Tensor, sigma: float, end: float) -> Tensor:
        """Where the probability flow carries x from sigma to end."""
        ratio = ((self.spread**2 + end**2) / (self.spread**2 + sigma**2)) ** 0.5
        return self.mean + (x - self.mean) * ratio


def driven(walk: Walk, answer: Callable[[Tensor, float], Tensor]) -> Tensor:
    """Drives a walk with a function for a network."""
    request = next(walk)
    while True:
        try:
            request = walk.send(answer(request.x, request.sigma))
        except StopIteration as end:
            return end.value


def walked(sampler: Sampler, x: Tensor, sigmas: Tensor, answer: Callable[[Tensor, float], Tensor], seed: int) -> Tensor:
    """A whole walk."""
    levels = sigmas.tolist()
    return driven(sampler.walk(x, levels, Noise.seeded(seed, x, levels, EpsParametrization())), answer)


class TinyNetwork(nn.Module):
    """A network with everything that matters to batching: convolutions, a timestep and a context per sample."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.first = nn.Conv2d(4, 16, 3, padding=1)
            self.told = nn.Linear(8 + 2, 16)
            self.last = nn.Conv2d(16, 4, 3, padding=1)

    def forward(self, x: Tensor, timestep: Tensor, context: Tensor) -> Tensor:
        angle = timestep / 1000
        told = torch.cat([context.mean(dim=1), angle.sin()[:, None], angle.cos()[:, None]], dim=1)
        return self.last(torch.tanh(self.first(x) + self.told(told)[:, :, None, None]))


class TinyDenoiser:
    """A Denoiser over the tiny network, that records its batches and can be told to fail."""

    def __init__(self, seed: int = 0) -> None:
        self.network = TinyNetwork(seed).eval()
        self.parametrization = EpsParametrization()
        self.latent_format = LatentFormat()
        self.device = torch.device("cpu")
        self.options: dict[str, object] = {}
        self.key = ("tiny", seed)
        self.batches: list[int] = []
        self.leases = 0
        self.before: Callable[[Tensor, Mapping[str, Tensor]], None] = lambda x, inputs: None

    def inputs(self, entry: Mapping[str, object], context: Tensor, latent: Tensor) -> dict[str, Tensor]:
        return {"context": context}

    def for_entry(self, options: Mapping[str, Any], sigma: float) -> Any:
        return self

    def predict(self, x: Tensor, timestep: Tensor, inputs: Mapping[str, Tensor]) -> Tensor:
        self.batches.append(len(x))
        self.before(x, inputs)
        return self.network(x, timestep, inputs["context"])

    @contextmanager
    def lease(self) -> Iterator[None]:
        self.leases += 1
        try:
            yield
        finally:
            self.leases -= 1


@pytest.fixture
def data() -> GaussianData:
    return GaussianData()


@pytest.fixture
def denoiser() -> TinyDenoiser:
    return TinyDenoiser()


@pytest.fixture
def make_denoiser() -> type[TinyDenoiser]:
    return TinyDenoiser


@pytest.fixture
def registry() -> SamplingRegistry:
    return SamplingRegistry.discovered()


@pytest.fixture
def loop() -> Iterator[DenoisingLoop]:
    loop = DenoisingLoop()
    yield loop
    loop.close()


@pytest.fixture
def walk_to_end() -> Callable[..., Tensor]:
    return walked


@pytest.fixture
def prompt() -> Callable[[int], list[list[object]]]:
    def conditioning(seed: int, **options: object) -> list[list[object]]:
        return [[torch.randn(1, 7, 8, generator=torch.Generator().manual_seed(seed)), dict(options)]]

    return conditioning
