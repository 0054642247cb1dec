"""What a network's output means."""

from comfy_host.missing import absent
from comfy_host.noise_levels import (
    CONST,
    EDM,
    EPS,
    V_PREDICTION,
    X0,
    ModelSamplingContinuousEDM,
    ModelSamplingContinuousV,
    ModelSamplingDiscrete,
    ModelSamplingDiscreteFlow,
    ModelSamplingFlux,
    flux_time_shift,
    rescale_zero_terminal_snr_sigmas,
    time_snr_shift,
)

__getattr__ = absent(__name__)
