"""From our parametrizations to what node packs know as ``model_sampling``, and back."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from comfy_host.noise_levels import (
    CONST,
    EPS,
    V_PREDICTION,
    X0,
    ModelSamplingContinuousEDM,
    ModelSamplingDiscrete,
    ModelSamplingDiscreteFlow,
)
from limner.sampling.continuous import ContinuousParametrization
from limner.sampling.discrete_readings import CleanParametrization
from limner.sampling.flow import FlowParametrization
from limner.sampling.parametrization import Parametrization, VelocityParametrization


class _Ours:
    """A model_sampling whose numbers are exactly those of one of our parametrizations."""

    native: Parametrization

    def calculate_input(self, sigma: Tensor, noise: Tensor) -> Tensor:
        return self.native.scale_input(noise, sigma)

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        return self.native.x0(model_input, model_output, sigma)

    def noise_scaling(self, sigma: Any, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        return self.native.noised(latent_image, noise, float(torch.as_tensor(sigma).flatten()[0]), full=max_denoise)

    def inverse_noise_scaling(self, sigma: Any, latent: Tensor) -> Tensor:
        return self.native.finished(latent, float(torch.as_tensor(sigma).flatten()[0]))

    def percent_to_sigma(self, percent: float) -> float:
        return self.native.percent_to_sigma(percent)


class _OursEps(_Ours, ModelSamplingDiscrete, EPS):
    pass


class _OursVelocity(_Ours, ModelSamplingDiscrete, V_PREDICTION):
    pass


class _OursClean(_Ours, ModelSamplingDiscrete, X0):
    pass


class _Untabled(_Ours):
    """Where timesteps are no places in a table."""

    def timestep(self, sigma: Tensor) -> Tensor:
        return self.native.timestep(torch.as_tensor(sigma))

    def sigma(self, timestep: Tensor) -> Tensor:
        # Before there is a native one, the class that packs know builds its own table, which is thrown away.
        return self.native.sigma(torch.as_tensor(timestep)) if hasattr(self, "native") else torch.as_tensor(timestep)


class _OursFlow(_Untabled, ModelSamplingDiscreteFlow, CONST):
    pass


class _OursContinuous(_Untabled, ModelSamplingContinuousEDM, V_PREDICTION):
    pass


KINDS: tuple[tuple[type[Parametrization], type[Any]], ...] = (
    (VelocityParametrization, _OursVelocity),
    (CleanParametrization, _OursClean),
    (FlowParametrization, _OursFlow),
    (ContinuousParametrization, _OursContinuous),
    (Parametrization, _OursEps),
)
"""Our kinds, special ones first, and what packs find them to be instances of."""


def model_sampling_of(parametrization: Parametrization) -> Any:
    """What packs see of a parametrization."""
    if isinstance(parametrization, PackParametrization):
        return parametrization.levels
    made = next(kind for ours, kind in KINDS if isinstance(parametrization, ours))()
    made.register_buffer("sigmas", parametrization.sigmas)
    if "log_sigmas" in dict(made.named_buffers()):
        made.register_buffer("log_sigmas", parametrization.sigmas.log())
    made.native = parametrization
    return made


def parametrization_of(model_sampling: Any) -> Parametrization:
    """Ours, of what a pack made."""
    return getattr(model_sampling, "native", None) or PackParametrization(model_sampling)


class PackParametrization(Parametrization):
    """What a pack's ``model_sampling`` says, for our sampling."""

    def __init__(self, levels: Any) -> None:
        self.levels = levels
        self.sigmas = levels.sigmas.detach().float().cpu()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackParametrization) and other.levels is self.levels

    def __hash__(self) -> int:
        return id(self.levels)

    def timestep(self, sigma: Tensor) -> Tensor:
        """As the pack's object says."""
        return self.levels.timestep(sigma).float()

    def sigma(self, timestep: Tensor) -> Tensor:
        """As the pack's object says."""
        return self.levels.sigma(timestep)

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """As the pack's object says."""
        return self.levels.calculate_input(sigma, x)

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """As the pack's object says."""
        return self.levels.calculate_denoised(sigma, output, x)

    def noised(self, latent: Tensor, noise: Tensor, sigma: float, *, full: bool = False) -> Tensor:
        """As the pack's object says."""
        return self.levels.noise_scaling(torch.tensor(sigma, device=noise.device), noise, latent, full)

    def finished(self, x: Tensor, sigma: float) -> Tensor:
        """As the pack's object says."""
        return self.levels.inverse_noise_scaling(torch.tensor(sigma, device=x.device), x)

    def half_log_snr(self, sigma: float) -> float:
        """In a flow data shrinks as noise grows, so the ratio is that of odds."""
        return -math.log(sigma / (1 - sigma)) if self._flows else -math.log(sigma)

    def sigma_at(self, half_log_snr: float) -> float:
        """The way back."""
        return 1 / (1 + math.exp(half_log_snr)) if self._flows else math.exp(-half_log_snr)

    def signal(self, sigma: float) -> float:
        """What is left of the data."""
        return 1 - sigma if self._flows else 1.0

    @property
    def _flows(self) -> bool:
        return isinstance(self.levels, CONST)

    def percent_to_sigma(self, percent: float) -> float:
        """As the pack's object says."""
        return float(self.levels.percent_to_sigma(percent))
