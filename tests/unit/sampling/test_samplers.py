"""What every sampler file gets for free: its order on Gaussian data, its moments, determinism by seed."""

import inspect

import pytest
import torch

from limner.sampling.registry import SamplingRegistry
from limner.sampling.sampler import Sampler

SAMPLERS = list(SamplingRegistry.discovered().samplers.values())
DETERMINISTIC = [sampler for sampler in SAMPLERS if not sampler.stochastic]
STOCHASTIC = [sampler for sampler in SAMPLERS if sampler.stochastic]


def can_be_quiet(sampler: Sampler) -> bool:
    """Whether it has a deterministic part that can be had alone."""
    return not sampler.stochastic or "eta" in inspect.signature(sampler.function).parameters


ORDERED = [sampler for sampler in SAMPLERS if sampler.order > 0 and can_be_quiet(sampler)]

FAITHFUL = [sampler for sampler in STOCHASTIC if sampler.name != "dpmpp_2s_ancestral_cfg_pp"]
"""Without the one whose formula, as workflows know it, is not consistent; its recorded case is equal."""


def named(sampler: Sampler) -> str:
    return sampler.name


def quiet(sampler: Sampler) -> Sampler:
    """The sampler without its noise."""
    return sampler.with_options(eta=0.0) if sampler.stochastic else sampler


@pytest.mark.parametrize("sampler", ORDERED, ids=named)
def test_the_error_falls_with_the_stated_order(sampler, data, walk_to_end):
    x = torch.linspace(-25, 25, 16, dtype=torch.float64).reshape(1, 1, 4, 4)
    errors = []
    for steps in (48, 96):
        # Even steps in a variable in between sigma and its logarithm, so that no method is favoured.
        sigmas = torch.linspace(12.0**0.25, 0.4**0.25, steps + 1, dtype=torch.float64) ** 4
        end = walk_to_end(quiet(sampler), x, sigmas, data.x0, 0)
        exact = data.followed(x, float(sigmas[0]), float(sigmas[-1]))
        errors.append(float((end - exact).abs().max()))
    measured = float(torch.tensor(errors[0] / errors[1]).log2())
    assert measured > sampler.order - 0.25, errors


@pytest.mark.parametrize("sampler", ORDERED, ids=named)
def test_a_walk_to_zero_lands_on_the_data(sampler, data, walk_to_end):
    x = torch.linspace(-25, 25, 16, dtype=torch.float64).reshape(1, 1, 4, 4)
    sigmas = torch.cat([torch.linspace(12**0.2, 0.02**0.2, 64, dtype=torch.float64) ** 5, torch.zeros(1)])
    end = walk_to_end(quiet(sampler), x, sigmas, data.x0, 0)
    torch.testing.assert_close(end, data.followed(x, 12.0, 0.0), rtol=0.05, atol=0.03)


@pytest.mark.parametrize("sampler", FAITHFUL, ids=named)
def test_noise_on_the_way_keeps_the_distribution(sampler, data, walk_to_end):
    start = (data.spread**2 + 20.0**2) ** 0.5
    x = data.mean + start * torch.randn(1, 1, 100, 100, generator=torch.Generator().manual_seed(5))
    sigmas = torch.cat([torch.linspace(20**0.2, 0.02**0.2, 120) ** 5, torch.zeros(1)])
    # A sampler of order 0 is made for networks that jump to the flow's end at once.
    answer = data.x0 if sampler.order else (lambda x, sigma: data.followed(x, sigma, 0.0))
    end = walk_to_end(sampler, x, sigmas, answer, 3)
    assert float(end.mean()) == pytest.approx(data.mean, abs=0.06)
    assert float(end.std()) == pytest.approx(data.spread, rel=0.06)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=named)
def test_the_seed_alone_decides(sampler, data, walk_to_end):
    x = torch.linspace(-20, 20, 16).reshape(1, 1, 4, 4)
    sigmas = torch.tensor([14.6, 7.0, 2.0, 0.7, 0.03, 0.0])
    before = torch.random.get_rng_state()
    first, again, other = (walk_to_end(sampler, x, sigmas, data.x0, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert torch.equal(first, other) != sampler.stochastic
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=named)
@pytest.mark.parametrize("sigmas", [[9.0], [9.0, 0.0], [9.0, 3.0], [9.0, 3.0, 0.0]], ids=str)
def test_short_walks_end(sampler, sigmas, data, walk_to_end):
    x = torch.full((1, 1, 2, 2), 3.0)
    end = walk_to_end(sampler, x, torch.tensor(sigmas), data.x0, 1) if len(sigmas) > 1 else x
    assert end.shape == x.shape
    assert torch.isfinite(end).all()


@pytest.mark.parametrize("sampler", SAMPLERS, ids=named)
def test_it_is_documented_with_its_source(sampler):
    assert "Source:" in sampler.doc
    assert sampler.source.startswith("limner.sampling.samplers.")
