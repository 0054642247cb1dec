"""What node packs know as ``model_sampling``: objects that say what a network's output means.

Packs read them, make their own from these classes, and put those on a model; ``readings`` leads to ours and back.
Formulas are those of ``limner.sampling.parametrization``, with a data spread (``sigma_data``) where packs set one.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from limner.sampling.parametrization import (
    EVERY_SIGMA,
    EpsParametrization,
    per_sample,
    scaled_linear_betas,
    sigmas_of_betas,
)


class EPS:
    """The output is the noise."""

    sigma_data = 1.0

    def calculate_input(self, sigma: Tensor, noise: Tensor) -> Tensor:
        """What the network is shown."""
        return noise / (per_sample(sigma, noise) ** 2 + self.sigma_data**2) ** 0.5

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """The clean latent that an output predicts."""
        return model_input - model_output * per_sample(sigma, model_output)

    def noise_scaling(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        """A latent under noise of a level."""
        level = per_sample(torch.as_tensor(sigma), noise)
        return noise * ((1.0 + level**2) ** 0.5 if max_denoise else level) + latent_image

    def inverse_noise_scaling(self, sigma: Tensor, latent: Tensor) -> Tensor:
        """Undoes what noising did to the latent's scale."""
        return latent


class V_PREDICTION(EPS):  # noqa: N801 - the name that packs use
    """The output is a velocity."""

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """The clean latent that an output predicts."""
        level, data = per_sample(sigma, model_output), self.sigma_data
        variance = level**2 + data**2
        return model_input * data**2 / variance - model_output * level * data / variance**0.5


class EDM(V_PREDICTION):
    """The output of Karras et al. 2022, equation 7."""

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """The clean latent that an output predicts."""
        return super().calculate_denoised(sigma, -model_output, model_input)


class X0(EPS):
    """The output is the clean latent."""

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """The output."""
        return model_output


class CONST:
    """Rectified flow: x = sigma * noise + (1 - sigma) * latent; the output is noise - latent."""

    def calculate_input(self, sigma: Tensor, noise: Tensor) -> Tensor:
        """X itself."""
        return noise

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """The clean latent that an output predicts."""
        return model_input - model_output * per_sample(sigma, model_output)

    def noise_scaling(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        """A latent under noise of a level."""
        level = per_sample(torch.as_tensor(sigma), noise)
        return level * noise + (1.0 - level) * latent_image

    def inverse_noise_scaling(self, sigma: Tensor, latent: Tensor) -> Tensor:
        """Undoes what noising did to the latent's scale."""
        return latent / (1.0 - per_sample(torch.as_tensor(sigma), latent))


class _Levels(nn.Module):
    """A table of sigmas."""

    sigmas: Tensor

    @property
    def sigma_min(self) -> Tensor:
        """The smallest sigma."""
        return self.sigmas[0]

    @property
    def sigma_max(self) -> Tensor:
        """The largest sigma."""
        return self.sigmas[-1]

    def sigma(self, timestep: Tensor) -> Tensor:
        """The noise level at a timestep."""
        raise NotImplementedError

    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told for a sigma."""
        raise NotImplementedError

    def percent_to_sigma(self, percent: float) -> float:
        """The sigma after a share of the walk, counted from pure noise."""
        if percent <= 0.0:
            return EVERY_SIGMA
        return 0.0 if percent >= 1.0 else self._share(1.0 - percent)

    def _share(self, remaining: float) -> float:
        return float(self.sigma(torch.tensor(remaining)))


def _settings(model_config: Any) -> dict[str, Any]:
    return getattr(model_config, "sampling_settings", None) or {}


class ModelSamplingDiscrete(_Levels):
    """A network trained at the integer timesteps of a table."""

    def __init__(self, model_config: Any = None, zsnr: bool | None = None) -> None:
        super().__init__()
        settings = _settings(model_config)
        start, end = settings.get("linear_start", 0.00085), settings.get("linear_end", 0.012)
        table = sigmas_of_betas(scaled_linear_betas(start, end, settings.get("timesteps", 1000)))
        self.sigma_data = 1.0
        self.linear_start, self.linear_end, self.num_timesteps = start, end, len(table)
        self.zsnr = bool(settings.get("zsnr", False) if zsnr is None else zsnr)
        self.set_sigmas(rescale_zero_terminal_snr_sigmas(table.float()) if self.zsnr else table)

    def set_sigmas(self, sigmas: Tensor) -> None:
        """Takes another table, ascending."""
        self.register_buffer("sigmas", sigmas.float())
        self.register_buffer("log_sigmas", sigmas.log().float())

    def _table(self) -> EpsParametrization:
        return EpsParametrization(self.sigmas)

    def timestep(self, sigma: Tensor) -> Tensor:
        """The integer timestep whose log sigma is nearest."""
        return self._table().timestep(torch.as_tensor(sigma)).long()

    def sigma(self, timestep: Tensor) -> Tensor:
        """The noise level at a timestep, log-linear between the table's entries."""
        return self._table().sigma(torch.as_tensor(timestep))

    def _share(self, remaining: float) -> float:
        return float(self.sigma(torch.tensor(remaining * (len(self.sigmas) - 1))))


class ModelSamplingContinuousEDM(_Levels):
    """Noise levels spread evenly in their logarithm."""

    def __init__(self, model_config: Any = None) -> None:
        super().__init__()
        settings = _settings(model_config)
        self.set_parameters(
            settings.get("sigma_min", 0.002), settings.get("sigma_max", 120.0), settings.get("sigma_data", 1.0)
        )

    def set_parameters(self, sigma_min: float, sigma_max: float, sigma_data: float) -> None:
        """Takes other ends and another spread of the data."""
        self.sigma_data = sigma_data
        self.register_buffer("sigmas", torch.linspace(math.log(sigma_min), math.log(sigma_max), 1000).exp())

    def timestep(self, sigma: Tensor) -> Tensor:
        """A quarter of the logarithm. Source: Karras et al. 2022, table 1."""
        return 0.25 * torch.as_tensor(sigma).log()

    def sigma(self, timestep: Tensor) -> Tensor:
        """The noise level of a timestep."""
        return (torch.as_tensor(timestep) / 0.25).exp()

    def _share(self, remaining: float) -> float:
        low, high = math.log(float(self.sigma_min)), math.log(float(self.sigma_max))
        return math.exp(low + (high - low) * remaining)


class ModelSamplingContinuousV(ModelSamplingContinuousEDM):
    """The same with the angle of noise and data as the timestep."""

    def timestep(self, sigma: Tensor) -> Tensor:
        """The angle as a share of a right one."""
        return torch.as_tensor(sigma).atan() / math.pi * 2

    def sigma(self, timestep: Tensor) -> Tensor:
        """The noise level of an angle."""
        return (torch.as_tensor(timestep) * math.pi / 2).tan()


class ModelSamplingDiscreteFlow(_Levels):
    """Rectified flow with shifted times. Source: Esser et al. 2024, equation 23."""

    def __init__(self, model_config: Any = None) -> None:
        super().__init__()
        settings = _settings(model_config)
        self.set_parameters(shift=settings.get("shift", 1.0), multiplier=settings.get("multiplier", 1000))

    def set_parameters(self, shift: float = 1.0, timesteps: int = 1000, multiplier: float = 1000) -> None:
        """Takes another shift."""
        self.shift, self.multiplier = shift, multiplier
        times = torch.arange(1, timesteps + 1, dtype=torch.float32) / timesteps
        self.register_buffer("sigmas", self.sigma(times * multiplier))

    def timestep(self, sigma: Tensor) -> Tensor:
        """Sigma, times what the network counts to."""
        return torch.as_tensor(sigma) * self.multiplier

    def sigma(self, timestep: Tensor) -> Tensor:
        """The shifted noise level of a timestep."""
        return time_snr_shift(self.shift, torch.as_tensor(timestep) / self.multiplier)

    def _share(self, remaining: float) -> float:
        return float(time_snr_shift(self.shift, torch.tensor(remaining)))


class ModelSamplingFlux(_Levels):
    """Rectified flow with an exponential shift."""

    def __init__(self, model_config: Any = None) -> None:
        super().__init__()
        self.set_parameters(shift=_settings(model_config).get("shift", 1.15))

    def set_parameters(self, shift: float = 1.15, timesteps: int = 10000) -> None:
        """Takes another shift."""
        self.shift = shift
        self.register_buffer("sigmas", self.sigma(torch.arange(1, timesteps + 1, dtype=torch.float32) / timesteps))

    def timestep(self, sigma: Tensor) -> Tensor:
        """Sigma itself."""
        return torch.as_tensor(sigma)

    def sigma(self, timestep: Tensor) -> Tensor:
        """The shifted noise level of a time."""
        return flux_time_shift(self.shift, 1.0, torch.as_tensor(timestep))

    def _share(self, remaining: float) -> float:
        return float(flux_time_shift(self.shift, 1.0, torch.tensor(remaining)))


def time_snr_shift(alpha: float, t: Tensor) -> Tensor:
    """A time moved towards noise. Source: Esser et al. 2024, equation 23."""
    return t if alpha == 1.0 else alpha * t / (1 + (alpha - 1) * t)


def flux_time_shift(mu: float, sigma: float, t: Tensor) -> Tensor:
    """The same with an exponential factor."""
    factor = math.exp(mu)
    return factor / (factor + (1 / t - 1) ** sigma)


def rescale_zero_terminal_snr_sigmas(sigmas: Tensor) -> Tensor:
    """A table whose last entry is (nearly) pure noise. Source: Lin et al. 2023, algorithm 1."""
    root = (1 / (sigmas**2 + 1)) ** 0.5
    first, last = root[0].clone(), root[-1].clone()
    cumulated = ((root - last) * (first / (first - last))) ** 2
    cumulated[-1] = 4.8973451890853435e-08  # not quite 0, so that its sigma stays finite
    return ((1 - cumulated) / cumulated) ** 0.5
