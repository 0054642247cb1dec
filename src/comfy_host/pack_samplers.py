"""Samplers and schedulers that node packs add to ``comfy.samplers``, for the lists of our nodes."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from torch import Tensor

from comfy_host.readings import model_sampling_of
from comfy_host.takeover import pack_sampler
from limner.sampling.parametrization import Parametrization
from limner.sampling.registry import SamplingRegistry
from limner.sampling.sampler import Sampler
from limner.sampling.schedule import Schedule

RANK = 20000
"""Behind ours in lists."""


def with_pack_samplers(registry: SamplingRegistry) -> SamplingRegistry:
    """The registry with what packs have added; itself where no pack has imported ``comfy.samplers``."""
    module: Any = sys.modules.get("comfy.samplers")
    if module is None:
        return registry
    samplers = {name: _sampler(module, name) for name in _added(module.KSampler.SAMPLERS, registry.samplers)}
    names = [*module.KSampler.SCHEDULERS, *module.SCHEDULER_HANDLERS]
    schedules = {name: _schedule(module, name) for name in _added(names, registry.schedules)}
    return replace(registry, samplers={**registry.samplers, **samplers}, schedules={**registry.schedules, **schedules})


def _added(names: Any, known: Any) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in known]


def _sampler(module: Any, name: str) -> Sampler:
    return replace(pack_sampler(_Named(module, name)), name=name, rank=RANK)


class _Named:
    """A sampler that is looked up when it is used, so that packs may still replace it."""

    def __init__(self, module: Any, name: str) -> None:
        self.module, self.name = module, name

    def sample(self, *arguments: Any, **named: Any) -> Tensor:
        """Walks."""
        return self.module.sampler_object(self.name).sample(*arguments, **named)

    def max_denoise(self, model_wrap: Any, sigmas: Tensor) -> bool:
        """Whether a walk along sigmas begins at pure noise."""
        return self.module.sampler_object(self.name).max_denoise(model_wrap, sigmas)


def _schedule(module: Any, name: str) -> Schedule:
    def sigmas(parametrization: Parametrization, steps: int) -> Tensor:
        return module.calculate_sigmas(model_sampling_of(parametrization), name, steps)

    return Schedule(name, sigmas, RANK, "A scheduler of a node pack.", module.__name__)
