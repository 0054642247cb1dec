"""Steps that ask no network: none at threshold 0, none lost where the walk is straight, bounded error elsewhere."""

import logging

import pytest
import torch

from limner.sampling.denoise import denoise
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry
from limner.sampling.reuse import REUSE, ReusePolicy
from limner.sampling.variants import Span

STEPS = 30
WHOLE = Span(0.1, 0.95)


@pytest.fixture
def sampled(loop, prompt):
    registry = SamplingRegistry.discovered()

    def run(denoiser, policy=None):
        denoiser.options = {} if policy is None else {REUSE: policy}
        denoiser.batches.clear()
        sigmas = registry.schedule("karras")(denoiser.parametrization, STEPS)
        latent = torch.zeros(1, 4, 6, 8)
        guider = CfgGuider(prompt(1), prompt(2), 3.0)
        noise = initial_noise(latent, 4)
        result = denoise(loop, denoiser, guider, registry.sampler("euler"), sigmas, noise, latent).samples
        return result, len(denoiser.batches)

    return run


@pytest.mark.parametrize("guided", [False, True])
def test_threshold_zero_asks_always(guided, denoiser, sampled):
    plain, passes = sampled(denoiser)
    found, asked = sampled(denoiser, ReusePolicy(0.0, WHOLE, guided))
    assert asked == passes == STEPS
    assert torch.equal(found, plain)


@pytest.mark.parametrize("guided", [False, True])
def test_a_larger_threshold_saves_more_and_loses_more(guided, denoiser, sampled):
    plain, _ = sampled(denoiser)
    asked, errors = [], []
    for threshold in (0.02, 0.1, 0.5):
        found, passes = sampled(denoiser, ReusePolicy(threshold, WHOLE, guided))
        asked.append(passes)
        errors.append(float((found - plain).square().mean().sqrt() / plain.std()))
    assert STEPS > asked[0] >= asked[1] >= asked[2] >= 5
    assert errors[0] < 0.05
    assert errors[0] < errors[2] < 1


def test_the_ends_of_a_walk_are_asked(denoiser, sampled):
    _, passes = sampled(denoiser, ReusePolicy(100.0, Span(0.3, 0.7)))
    outside = sampled(denoiser, ReusePolicy(100.0, Span(0.0, 1.0)))[1]
    assert outside < passes < STEPS


def test_a_direction_that_goes_with_its_input_is_foretold_exactly(sampled, make_denoiser):
    class Straight(make_denoiser):
        def predict(self, x, timestep, inputs, reports=None):
            self.batches.append(len(x))
            return x + inputs["context"].mean(dim=(1, 2))[:, None, None, None]

    plain, passes = sampled(Straight())
    found, asked = sampled(Straight(), ReusePolicy(100.0, Span(0.0, 1.0)))
    assert asked == 2 < passes
    torch.testing.assert_close(found, plain, rtol=1e-3, atol=1e-3)


def test_savings_are_told_where_wanted(denoiser, sampled, caplog):
    with caplog.at_level(logging.INFO):
        sampled(denoiser, ReusePolicy(0.2, WHOLE))
        assert not caplog.messages
        sampled(denoiser, ReusePolicy(0.2, WHOLE, told=True))
    assert "not asked" in caplog.messages[0]
