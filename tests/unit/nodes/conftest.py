"""Small real parts that nodes work on: folders, a network in closed form, an autoencoder that only averages."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from limner.sampling.denoiser import LatentFormat
from limner.sampling.loop import DenoisingLoop
from limner.sampling.parametrization import EpsParametrization, Parametrization
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders


class LevelDenoiser:
    """A network that believes every latent is the mean of its text, whatever the noise."""

    key = "level"
    device = torch.device("cpu")
    native_size = 64

    def __init__(self) -> None:
        self.parametrization: Parametrization = EpsParametrization()
        self.latent_format = LatentFormat(rgb=((0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.5), (0.1, 0.1, 0.1)))
        self.options: dict[str, object] = {}

    def with_options(self, **options: object) -> "LevelDenoiser":
        changed = LevelDenoiser()
        changed.parametrization, changed.options = self.parametrization, {**self.options, **options}
        return changed

    def with_parametrization(self, parametrization: Parametrization) -> "LevelDenoiser":
        changed = self.with_options()
        changed.parametrization = parametrization
        return changed

    def inputs(self, entry: Mapping[str, object], context: Tensor, latent: Tensor) -> dict[str, Tensor]:
        return {"context": context}

    def for_entry(self, options: Mapping[str, Any], sigma: float) -> Any:
        return self

    def predict(self, x: Tensor, timestep: Tensor, inputs: Mapping[str, Tensor]) -> Tensor:
        sigma = self.parametrization.sigma(timestep).reshape(-1, 1, 1, 1)
        level = inputs["context"].mean(dim=(1, 2)).reshape(-1, 1, 1, 1)
        return (x * (sigma**2 + 1) ** 0.5 - level) / sigma

    @contextmanager
    def lease(self) -> Iterator[None]:
        yield


class AveragingAutoencoder:
    """Latents are means of squares of 8 pixels: the three colours and their sum."""

    downscale = 8
    latent_channels = 4

    def encode(self, pixels: Tensor) -> Tensor:
        colours = functional.avg_pool2d(pixels.movedim(-1, 1), 8)
        return torch.cat([colours, colours.sum(dim=1, keepdim=True)], dim=1)

    def decode(self, samples: Tensor) -> Tensor:
        return functional.interpolate(samples[:, :3], scale_factor=8).movedim(1, -1).clamp(0, 1)

    def encode_tiled(self, pixels: Tensor, tile: int, overlap: int, **_: int) -> Tensor:
        return self.encode(pixels)

    def decode_tiled(self, samples: Tensor, tile: int, overlap: int, **_: int) -> Tensor:
        return self.decode(samples)


class DoublingNetwork:
    """A network that makes pictures twice as large without smoothing, and remembers the sizes that it saw."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    @contextmanager
    def lease(self, why: str = "") -> Iterator["DoublingNetwork"]:
        yield self

    def __call__(self, pictures: Tensor) -> Tensor:
        self.seen.append(tuple(pictures.shape))
        return functional.interpolate(pictures, scale_factor=2, mode="nearest")


class RecordingProgress:
    """Notes what a node says."""

    def __init__(self, preview_size: int = 0) -> None:
        self.preview_size = preview_size
        self.reports: list[tuple] = []
        self.texts: list[str] = []

    def report(self, value, total, preview=None):
        self.reports.append((value, total, preview))

    def picture(self, picture):
        self.reports.append((None, None, picture))

    def text(self, text):
        self.texts.append(text)

    def check(self):
        pass


@pytest.fixture
def folders(tmp_path) -> Folders:
    made = Folders.under(tmp_path)
    made.create()
    return made


@pytest.fixture
def progress() -> RecordingProgress:
    return RecordingProgress()


@pytest.fixture
def model() -> LevelDenoiser:
    return LevelDenoiser()


@pytest.fixture
def vae() -> AveragingAutoencoder:
    return AveragingAutoencoder()


@pytest.fixture
def sampling(progress) -> Iterator[dict]:
    """The services that sampling nodes ask for."""
    loop = DenoisingLoop()
    yield {"registry": SamplingRegistry.discovered(), "loop": loop, "progress": progress}
    loop.close()


@pytest.fixture
def text():
    """Makes conditioning of one level."""

    def conditioning(level: float, tokens: int = 3, **options: object) -> list:
        return [[torch.full((1, tokens, 2), level), {"pooled_output": torch.full((1, 2), level), **options}]]

    return conditioning
