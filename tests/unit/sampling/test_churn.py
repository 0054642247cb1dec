"""Noise that walks take on before a step."""

import pytest
import torch

from limner.sampling.churn import NONE, Churn
from limner.sampling.registry import SamplingRegistry

REGISTRY = SamplingRegistry.discovered()
CHURNED = ("euler", "heun", "dpm_2")


@pytest.mark.parametrize("name", CHURNED)
def test_a_churned_walk_keeps_the_distribution(name, data, walk_to_end):
    start = (data.spread**2 + 20.0**2) ** 0.5
    x = data.mean + start * torch.randn(1, 1, 100, 100, generator=torch.Generator().manual_seed(5))
    sigmas = torch.cat([torch.linspace(20**0.2, 0.02**0.2, 120) ** 5, torch.zeros(1)])
    sampler = REGISTRY.sampler(name).with_options(churn=Churn(amount=20.0))
    end, plain = (walk_to_end(one, x, sigmas, data.x0, 3) for one in (sampler, REGISTRY.sampler(name)))
    assert not torch.equal(end, plain)
    assert float(end.mean()) == pytest.approx(data.mean, abs=0.06)
    assert float(end.std()) == pytest.approx(data.spread, rel=0.08)


def test_levels_out_of_bounds_take_on_nothing():
    x = torch.zeros(1, 1, 2, 2)
    churn = Churn(amount=5.0, low=0.5, high=2.0)
    assert churn.raised(x, 3.0, 10, None) == (x, 3.0)
    assert churn.raised(x, 0.1, 10, None) == (x, 0.1)
    assert NONE.raised(x, 1.0, 10, None) == (x, 1.0)
