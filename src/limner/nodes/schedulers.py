"""Noise levels from numbers, or from a network's own scale; the value of SIGMAS sockets."""

import math
from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.nodes.sampling_parts import CUSTOM
from limner.nodes.sockets import MODEL, SIGMAS
from limner.nodes.widgets import Share, Steps
from limner.sampling.schedules.align_your_steps import FAMILIES, align_your_steps
from limner.sampling.schedules.beta import beta_sigmas
from limner.sampling.schedules.exponential import exponential_sigmas
from limner.sampling.schedules.karras import karras_sigmas
from limner.sampling.schedules.laplace import laplace_sigmas
from limner.sampling.schedules.polyexponential import polyexponential_sigmas
from limner.sampling.schedules.shifted import shifted_sigmas, token_shift
from limner.sampling.schedules.turbo import turbo_sigmas
from limner.sampling.schedules.variance_preserving import variance_preserving_sigmas

SCHEDULERS = f"{CUSTOM}/schedulers"
EXACT = {"round": False}
TOKENS = 4096
"""Tokens that are assumed where no latent says their number."""

Sigma = Annotated[float, Number(min=0.0, max=5000.0, step=0.01, options=EXACT)]
Exponent = Annotated[float, Number(min=0.0, max=100.0, step=0.01, options=EXACT)]
BetaParameter = Annotated[float, Number(min=0.0, max=50.0, step=0.01, options=EXACT)]
Shift = Annotated[float, Number(min=0.0, max=100.0, step=0.01)]


def _positive(**values: float) -> None:
    """Checks numbers that must be above 0.

    Raises:
        NumericsError: if one is not; its name is in the message.
    """
    for name, value in values.items():
        if value <= 0:
            raise NumericsError(f"{name} should be above 0, but is {value}: there is no such noise level or shape.")


def token_count(latent: dict[str, Any] | None) -> int:
    """Elements of a latent in space and time."""
    return math.prod(latent["samples"].shape[2:]) if latent is not None else TOKENS


@node(name="KarrasScheduler", title="KarrasScheduler", category=SCHEDULERS)
def karras_scheduler(
    *, steps: Steps = 20, sigma_max: Sigma = 14.614642, sigma_min: Sigma = 0.0291675, rho: Exponent = 7.0
) -> SIGMAS:
    """Noise levels that lie closer together towards the end; a larger ``rho`` draws them closer."""
    _positive(sigma_max=sigma_max, sigma_min=sigma_min, rho=rho)
    return karras_sigmas(steps, sigma_min, sigma_max, rho)


@node(name="ExponentialScheduler", title="ExponentialScheduler", category=SCHEDULERS)
def exponential_scheduler(*, steps: Steps = 20, sigma_max: Sigma = 14.614642, sigma_min: Sigma = 0.0291675) -> SIGMAS:
    """Noise levels each of which is the same fraction of the one before."""
    _positive(sigma_max=sigma_max, sigma_min=sigma_min)
    return exponential_sigmas(steps, sigma_min, sigma_max)


@node(name="PolyexponentialScheduler", title="PolyexponentialScheduler", category=SCHEDULERS)
def polyexponential_scheduler(
    *, steps: Steps = 20, sigma_max: Sigma = 14.614642, sigma_min: Sigma = 0.0291675, rho: Exponent = 1.0
) -> SIGMAS:
    """Like the exponential levels at ``rho`` 1; above it they fall faster at first."""
    _positive(sigma_max=sigma_max, sigma_min=sigma_min)
    return polyexponential_sigmas(steps, sigma_min, sigma_max, rho)


@node(name="LaplaceScheduler", title="LaplaceScheduler", category=SCHEDULERS)
def laplace_scheduler(
    *,
    steps: Steps = 20,
    sigma_max: Sigma = 14.614642,
    sigma_min: Sigma = 0.0291675,
    mu: Annotated[float, Number(min=-10.0, max=10.0, step=0.1, options=EXACT)] = 0.0,
    beta: Annotated[float, Number(min=0.0, max=10.0, step=0.1, options=EXACT)] = 0.5,
) -> SIGMAS:
    """Noise levels that are dense around a middle one, e to the power of ``mu``; ``beta`` says how far they spread.

    The last level is not 0: a walk down these levels leaves the noise of ``sigma_min``.
    """
    return laplace_sigmas(steps, sigma_min, sigma_max, mu, beta)


@node(name="VPScheduler", title="VPScheduler", category=SCHEDULERS)
def vp_scheduler(
    *,
    steps: Steps = 20,
    beta_d: Sigma = 19.9,
    beta_min: Sigma = 0.1,
    eps_s: Annotated[float, Number(min=0.0, max=1.0, step=0.0001, options=EXACT)] = 0.001,
) -> SIGMAS:
    """Noise levels at even times of the variance-preserving process; ``eps_s`` is the last time before 0."""
    return variance_preserving_sigmas(steps, beta_d, beta_min, eps_s)


@node(name="BetaSamplingScheduler", title="BetaSamplingScheduler", category=SCHEDULERS)
def beta_sampling_scheduler(
    *, model: MODEL, steps: Steps = 20, alpha: BetaParameter = 0.6, beta: BetaParameter = 0.6
) -> SIGMAS:
    """Noise levels at the quantiles of a beta distribution: both parameters below 1 make both ends dense."""
    _positive(alpha=alpha, beta=beta)
    return beta_sigmas(model.parametrization, steps, alpha, beta)


@node(name="SDTurboScheduler", title="SDTurboScheduler", category=SCHEDULERS)
def sd_turbo_scheduler(
    *,
    model: MODEL,
    steps: Annotated[int, Number(min=1, max=10)] = 1,
    denoise: Annotated[float, Number(min=0, max=1.0, step=0.01)] = 1.0,
) -> SIGMAS:
    """Noise levels for networks that were distilled to a few steps."""
    return turbo_sigmas(model.parametrization, steps, denoise)


@node(name="AlignYourStepsScheduler", title="AlignYourStepsScheduler", category=SCHEDULERS)
def align_your_steps_scheduler(
    *,
    model_type: Annotated[str, Choice(*FAMILIES)],
    steps: Annotated[int, Number(min=1, max=10000)] = 10,
    denoise: Share = 1.0,
) -> SIGMAS:
    """Noise levels that were optimised for ten steps of a model family; other numbers of steps lie between them."""
    return align_your_steps(model_type, steps, denoise)


@node(name="LTXVScheduler", title="LTXVScheduler", category=SCHEDULERS)
def ltxv_scheduler(
    *,
    steps: Steps = 20,
    max_shift: Shift = 2.05,
    base_shift: Shift = 0.95,
    stretch: bool = True,
    terminal: Annotated[float, Number(min=0.0, max=0.99, step=0.01)] = 0.1,
    latent: Annotated[dict[str, Any] | None, Socket("LATENT"), Flags(optional=True)] = None,
) -> SIGMAS:
    """Noise levels of flow models, noisier for latents with more elements.

    Stretched levels come down to ``terminal`` before the last step to 0.
    """
    shift = token_shift(token_count(latent), base_shift, max_shift)
    return shifted_sigmas(steps, shift, terminal if stretch else None)
