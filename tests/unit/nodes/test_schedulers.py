"""Noise levels from numbers have the values that their sources give, and impossible numbers are refused."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.nodes.schedulers import (
    align_your_steps_scheduler,
    beta_sampling_scheduler,
    exponential_scheduler,
    karras_scheduler,
    laplace_scheduler,
    ltxv_scheduler,
    polyexponential_scheduler,
    sd_turbo_scheduler,
    vp_scheduler,
)


def test_polyexponential_at_one_is_exponential():
    torch.testing.assert_close(polyexponential_scheduler(steps=7), exponential_scheduler(steps=7))


@pytest.mark.parametrize("make", [karras_scheduler, exponential_scheduler, polyexponential_scheduler, vp_scheduler])
@pytest.mark.parametrize("steps", [1, 2, 20])
def test_levels_fall_to_zero(make, steps):
    levels = make(steps=steps)
    assert len(levels) == steps + 1
    assert bool((levels[1:] < levels[:-1]).all())
    assert float(levels[-1]) == 0.0


def test_laplace_is_symmetric_around_its_middle():
    levels = laplace_scheduler(steps=5, sigma_max=5000.0, sigma_min=0.0, mu=0.5, beta=0.5).log()
    torch.testing.assert_close(levels[2], torch.tensor(0.5))
    torch.testing.assert_close(levels[1] - 0.5, 0.5 - levels[3])


def test_published_levels_at_ten_steps():
    levels = align_your_steps_scheduler(model_type="SDXL", steps=10)
    published = [14.6146, 6.3184, 3.7682, 2.1811, 1.3405, 0.8621, 0.5551, 0.3799, 0.2332, 0.1114, 0.0]
    torch.testing.assert_close(levels, torch.tensor(published), rtol=0, atol=1e-4)


def test_other_numbers_of_steps_lie_between():
    levels = align_your_steps_scheduler(model_type="SVD", steps=20)
    torch.testing.assert_close(levels[:-1:2], align_your_steps_scheduler(model_type="SVD", steps=10)[:-1])
    assert len(align_your_steps_scheduler(model_type="SD1", steps=10, denoise=0.5)) == 6
    assert len(align_your_steps_scheduler(model_type="SD1", steps=10, denoise=0.0)) == 0


def test_turbo_takes_the_top_of_ten(model):
    table = model.parametrization.sigmas
    levels = sd_turbo_scheduler(model=model, steps=2)
    torch.testing.assert_close(levels, torch.stack([table[999], table[899], torch.zeros(())]))
    assert torch.equal(sd_turbo_scheduler(model=model, steps=1, denoise=0.5)[:1], table[499:500])


def test_stretched_levels_come_down_to_the_terminal():
    levels = ltxv_scheduler(steps=10, terminal=0.1)
    assert float(levels[0]) == pytest.approx(1.0)
    assert float(levels[-2]) == pytest.approx(0.1)
    assert float(levels[-1]) == 0.0
    small = ltxv_scheduler(steps=10, stretch=False, latent={"samples": torch.zeros(1, 128, 2, 4, 4)})
    large = ltxv_scheduler(steps=10, stretch=False)
    assert bool((small[1:-1] < large[1:-1]).all())


@pytest.mark.parametrize(
    "make", [lambda: karras_scheduler(sigma_min=0.0), lambda: exponential_scheduler(sigma_max=0.0)]
)
def test_levels_without_a_logarithm_are_refused(make):
    with pytest.raises(NumericsError, match="above 0"):
        make()


def test_a_beta_distribution_needs_both_parameters(model):
    with pytest.raises(NumericsError, match="alpha"):
        beta_sampling_scheduler(model=model, alpha=0.0)
