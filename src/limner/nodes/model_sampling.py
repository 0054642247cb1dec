"""How a model's output is read: nodes that give a model another parametrization, or a mask another course."""

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.nodes.schedulers import EXACT, Shift, token_count
from limner.nodes.sockets import MODEL
from limner.nodes.widgets import LARGEST_SIDE, Share
from limner.sampling.cascade import CosineParametrization
from limner.sampling.continuous import (
    AngularParametrization,
    ContinuousParametrization,
    FlowOfNoiseParametrization,
    read_noise,
    read_preconditioned,
    read_velocity,
)
from limner.sampling.discrete_readings import (
    CleanParametrization,
    DistilledParametrization,
    PictureParametrization,
    without_signal,
)
from limner.sampling.flow import FlowParametrization
from limner.sampling.parametrization import (
    DiscreteParametrization,
    EpsParametrization,
    VelocityParametrization,
    scaled_linear_betas,
    sigmas_of_betas,
)
from limner.sampling.schedules.shifted import token_shift

ADVANCED = "advanced/model"
PIXELS_PER_TOKEN = 16 * 16
SMALL_PICTURE = 256
"""Tokens of the picture at which the base shift holds; the largest shift holds at 4096."""
FLOW_TIME, PLAIN_TIME = 1000.0, 1.0
DATA_DEVIATION = 0.5

DISCRETE: Mapping[str, Callable[[Tensor | None], DiscreteParametrization]] = {
    "eps": EpsParametrization,
    "v_prediction": VelocityParametrization,
    "lcm": DistilledParametrization,
    "x0": CleanParametrization,
    "img_to_img": PictureParametrization,
}

CONTINUOUS = {
    "v_prediction": (read_velocity, 1.0),
    "edm": (read_preconditioned, DATA_DEVIATION),
    "eps": (read_noise, 1.0),
}

Level = Annotated[float, Number(min=0.0, max=1000.0, step=0.001, options=EXACT)]
PictureSide = Annotated[int, Number(min=16, max=LARGEST_SIDE, step=8)]


@node(name="ModelSamplingDiscrete", title="ModelSamplingDiscrete", category=ADVANCED)
def model_sampling_discrete(*, model: MODEL, sampling: Annotated[str, Choice(*DISCRETE)], zsnr: bool = False) -> MODEL:
    """Says what the output of a model means that was trained at a table of timesteps.

    ``zsnr``: it was trained so that no signal is left at the noisiest timestep.
    """
    table = sigmas_of_betas(scaled_linear_betas())
    return model.with_parametrization(DISCRETE[sampling](without_signal(table) if zsnr else table))


def _range(sigma_min: float, sigma_max: float) -> None:
    """Checks the ends of a range of noise levels.

    Raises:
        NumericsError: if there is nothing between them.
    """
    if not 0 < sigma_min < sigma_max:
        raise NumericsError(f"sigma_min ({sigma_min}) should be above 0 and below sigma_max ({sigma_max}).")


@node(name="ModelSamplingContinuousEDM", title="ModelSamplingContinuousEDM", category=ADVANCED)
def model_sampling_continuous_edm(
    *,
    model: MODEL,
    sampling: Annotated[str, Choice("v_prediction", "edm", "edm_playground_v2.5", "eps", "cosmos_rflow")],
    sigma_max: Level = 120.0,
    sigma_min: Level = 0.002,
) -> MODEL:
    """Says what the output of a model means that was trained at every noise level between two ends."""
    _range(sigma_min, sigma_max)
    if sampling == "cosmos_rflow":
        return model.with_parametrization(FlowOfNoiseParametrization(sigma_min, sigma_max))
    if sampling not in CONTINUOUS:
        raise NumericsError(
            f"{sampling!r} is what Playground 2.5 was trained for, and known of its checkpoints without this node. "
            f"Choose one of: {', '.join(CONTINUOUS)}, cosmos_rflow."
        )
    reading, deviation = CONTINUOUS[sampling]
    return model.with_parametrization(ContinuousParametrization(reading, sigma_min, sigma_max, deviation))


@node(name="ModelSamplingContinuousV", title="ModelSamplingContinuousV", category=ADVANCED)
def model_sampling_continuous_v(
    *,
    model: MODEL,
    sampling: Annotated[str, Choice("v_prediction")],
    sigma_max: Level = 500.0,
    sigma_min: Level = 0.03,
) -> MODEL:
    """Says that a model gives the velocity and is told the angle between data and noise."""
    _range(sigma_min, sigma_max)
    return model.with_parametrization(AngularParametrization(read_velocity, sigma_min, sigma_max))


def _flow(model: MODEL, shift: float, timestep_scale: float) -> MODEL:
    if shift <= 0:
        raise NumericsError(f"The shift should be above 0, but is {shift}: at 0 no noise would be left to remove.")
    return model.with_parametrization(FlowParametrization(shift, timestep_scale))


@node(name="ModelSamplingSD3", title="ModelSamplingSD3", category=ADVANCED)
def model_sampling_sd3(*, model: MODEL, shift: Shift = 3.0) -> MODEL:
    """Moves a flow model's steps towards noise, as larger pictures want it; 1 leaves them even."""
    return _flow(model, shift, FLOW_TIME)


@node(name="ModelSamplingAuraFlow", title="ModelSamplingAuraFlow", category=ADVANCED)
def model_sampling_aura_flow(*, model: MODEL, shift: Shift = 1.73) -> MODEL:
    """The same for models that are told the time from 0 to 1."""
    return _flow(model, shift, PLAIN_TIME)


@node(name="ModelSamplingFlux", title="ModelSamplingFlux", category=ADVANCED)
def model_sampling_flux(
    *,
    model: MODEL,
    max_shift: Shift = 1.15,
    base_shift: Shift = 0.5,
    width: PictureSide = 1024,
    height: PictureSide = 1024,
) -> MODEL:
    """Moves a flow model's steps towards noise by the size of the picture, on a line between two shifts."""
    tokens = width * height / PIXELS_PER_TOKEN
    shift = token_shift(tokens, base_shift, max_shift, small=SMALL_PICTURE)
    return _flow(model, _factor(shift), PLAIN_TIME)


@node(name="ModelSamplingLTXV", title="ModelSamplingLTXV", category=ADVANCED)
def model_sampling_ltxv(
    *,
    model: MODEL,
    max_shift: Shift = 2.05,
    base_shift: Shift = 0.95,
    latent: Annotated[dict[str, Any] | None, Socket("LATENT"), Flags(optional=True)] = None,
) -> MODEL:
    """Moves a flow model's steps towards noise by the number of elements of a latent."""
    return _flow(model, _factor(token_shift(token_count(latent), base_shift, max_shift)), PLAIN_TIME)


def _factor(shift: float) -> float:
    """The factor of which a shift is the logarithm."""
    return math.exp(shift)


@node(name="ModelSamplingStableCascade", title="ModelSamplingStableCascade", category=ADVANCED)
def model_sampling_stable_cascade(
    *, model: MODEL, shift: Annotated[float, Number(min=0.0, max=100.0, step=0.01)] = 2.0
) -> MODEL:
    """Says that a model was trained on Stable Cascade's noise levels; a larger ``shift`` suits larger pictures."""
    if shift <= 0:
        raise NumericsError(f"The shift should be above 0, but is {shift}: at 0 no noise would be left to remove.")
    return model.with_parametrization(CosineParametrization(shift))


@node(name="DifferentialDiffusion", title="Differential Diffusion", category="_for_testing")
def differential_diffusion(
    *,
    model: MODEL,
    strength: Annotated[Share, Flags(optional=True)] = 1.0,
) -> MODEL:
    """A soft inpainting mask says from which step on a place may change: white from the start, dark grey at the end.

    ``strength`` below 1 mixes that with the plain soft mask.

    Source: Levin and Fried 2023, "Differential diffusion".
    """

    def hardened(sigma: Tensor, mask: Tensor, extra_options: Mapping[str, Any]) -> Tensor:
        meaning, levels = extra_options["model"].parametrization, extra_options["sigmas"]
        ends = levels.new_tensor([float(levels[0]), max(float(levels[-1]), meaning.sigma_min), float(sigma[0])])
        first, last, current = (float(time) for time in meaning.timestep(ends.cpu()))
        threshold = (current - last) / (first - last) if first != last else 0.0
        hard = (mask >= threshold).to(mask)
        return hard if strength >= 1.0 else strength * hard + (1.0 - strength) * mask

    return model.with_options(denoise_mask_function=hardened)
