"""Our schedules as node packs call them, with ``model_sampling`` and a number of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from comfy_host.readings import parametrization_of
from limner.graph.errors import NumericsError
from limner.sampling.registry import SamplingRegistry
from limner.sampling.schedule import Schedule, ended
from limner.sampling.schedules.beta import beta_schedule, beta_sigmas
from limner.sampling.schedules.ddim_uniform import ddim_uniform
from limner.sampling.schedules.linear_quadratic import THRESHOLD, linear_quadratic
from limner.sampling.schedules.normal import normal
from limner.sampling.schedules.sgm_uniform import sgm_uniform
from limner.sampling.schedules.simple import simple

USUAL = 0.6
"""Both parameters of the Beta distribution, where nobody says otherwise."""


class SchedulerHandler(NamedTuple):
    """How a scheduler is called: with ``model_sampling`` and steps, or with (n, sigma_min, sigma_max)."""

    handler: Callable[..., Tensor]
    use_ms: bool = True


def scheduler_handlers(registry: SamplingRegistry) -> dict[str, SchedulerHandler]:
    """A handler for each of our schedules, by name; packs add theirs."""
    return {name: SchedulerHandler(_called(schedule)) for name, schedule in registry.schedules.items()}


def _called(schedule: Schedule) -> Callable[[Any, int], Tensor]:
    return lambda model_sampling, steps: schedule(parametrization_of(model_sampling), steps)


def simple_scheduler(model_sampling: Any, steps: int) -> Tensor:
    """Every so many-th sigma of the table."""
    return _called(simple)(model_sampling, steps)


def ddim_scheduler(model_sampling: Any, steps: int) -> Tensor:
    """Evenly spaced sigmas of the table, from its beginning."""
    return _called(ddim_uniform)(model_sampling, steps)


def normal_scheduler(model_sampling: Any, steps: int, sgm: bool = False, floor: bool = False) -> Tensor:
    """Evenly spaced timesteps."""
    return _called(sgm_uniform if sgm else normal)(model_sampling, steps)


def beta_scheduler(model_sampling: Any, steps: int, alpha: float = USUAL, beta: float = USUAL) -> Tensor:
    """Quantiles of a Beta distribution."""
    if (alpha, beta) == (USUAL, USUAL):
        return _called(beta_schedule)(model_sampling, steps)
    return beta_sigmas(parametrization_of(model_sampling), steps, alpha, beta).float()


def linear_quadratic_schedule(
    model_sampling: Any, steps: int, threshold_noise: float = 0.025, linear_steps: int | None = None
) -> Tensor:
    """A straight beginning, then a parabola.

    Raises:
        NumericsError: for another beginning than the usual one.
    """
    if (threshold_noise, linear_steps) not in ((THRESHOLD, None), (THRESHOLD, steps // 2)):
        raise NumericsError("linear_quadratic_schedule knows its usual beginning only: 2.5 % in half of the steps.")
    return _called(linear_quadratic)(model_sampling, steps)


def kl_optimal_scheduler(n: int, sigma_min: float, sigma_max: float) -> Tensor:
    """Evenly spaced arc tangents, then 0. Source: Sabour et al. 2024, section 3.3."""
    ramp = torch.linspace(0, 1, n)
    low, high = torch.tensor(float(sigma_min)).atan(), torch.tensor(float(sigma_max)).atan()
    return ended((ramp * low + (1 - ramp) * high).tan())
