"""Schedules fall strictly and end at zero; and the numbers that others publish come out."""

import pytest
import torch

from limner.sampling.parametrization import EpsParametrization
from limner.sampling.registry import SamplingRegistry
from limner.sampling.schedules.beta import beta_sigmas
from limner.sampling.schedules.karras import karras_sigmas
from limner.sampling.steps import sigmas_between, sigmas_for

REGISTRY = SamplingRegistry.discovered()
SCHEDULES = list(REGISTRY.schedules.values())


@pytest.fixture
def parametrization() -> EpsParametrization:
    return EpsParametrization()


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 7, 20, 50, 333])
def test_falls_strictly_and_ends_at_zero(schedule, steps, parametrization):
    sigmas = schedule(parametrization, steps)
    assert sigmas.dtype == torch.float32
    assert bool((sigmas[1:] < sigmas[:-1]).all())
    assert float(sigmas[-1]) == 0.0
    assert float(sigmas[0]) <= parametrization.sigma_max * (1 + 1e-6)
    if schedule.name not in ("ddim_uniform", "beta"):
        assert len(sigmas) == steps + 1


def test_schedules_stand_in_the_order_people_know():
    expected = "simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal"
    expected += " align_your_steps align_your_steps_sdxl"
    assert " ".join(REGISTRY.schedules) == expected


def test_karras_with_published_ends():
    # Karras et al. 2022, equation 5, computed by hand for three points.
    low, high = 0.1 ** (1 / 7), 10 ** (1 / 7)
    expected = torch.tensor([10.0, ((low + high) / 2) ** 7, 0.1, 0.0])
    torch.testing.assert_close(karras_sigmas(3, 0.1, 10.0), expected)


def test_ddim_uniform_may_have_more_steps(parametrization):
    assert len(REGISTRY.schedule("ddim_uniform")(parametrization, 7)) == 9


def test_beta_drops_repetitions(parametrization):
    sigmas = beta_sigmas(parametrization, 900)
    assert len(sigmas) < 901
    assert bool((sigmas[1:] < sigmas[:-1]).all())


@pytest.mark.parametrize("name", ["dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"])
def test_some_samplers_drop_the_next_to_last(name, parametrization):
    schedule = REGISTRY.schedule("karras")
    sigmas = sigmas_for(schedule, REGISTRY.sampler(name), parametrization, 6)
    whole = schedule(parametrization, 7)
    assert torch.equal(sigmas, torch.cat([whole[:6], whole[-1:]]))


def test_denoise_keeps_the_end_of_a_longer_schedule(parametrization):
    schedule, euler = REGISTRY.schedule("normal"), REGISTRY.sampler("euler")
    sigmas = sigmas_for(schedule, euler, parametrization, 6, 0.55)
    assert torch.equal(sigmas, schedule(parametrization, 10)[-7:])
    assert len(sigmas_for(schedule, euler, parametrization, 6, 0.0)) == 0


def test_parts_of_a_walk():
    sigmas = torch.tensor([8.0, 4.0, 2.0, 1.0, 0.0])
    assert sigmas_between(sigmas, 0, 2).tolist() == [8, 4, 2]
    assert sigmas_between(sigmas, 1, 2, leftover_noise=False).tolist() == [4, 0]
    assert sigmas_between(sigmas, 2, 10000).tolist() == [2, 1, 0]
    assert len(sigmas_between(sigmas, 4)) == 0
    assert sigmas.tolist() == [8, 4, 2, 1, 0]
