"""Models read another way, and masks that harden step by step."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.nodes.latents import empty_latent_image, set_latent_noise_mask
from limner.nodes.model_sampling import (
    DISCRETE,
    differential_diffusion,
    model_sampling_continuous_edm,
    model_sampling_continuous_v,
    model_sampling_discrete,
    model_sampling_flux,
    model_sampling_ltxv,
    model_sampling_sd3,
    model_sampling_stable_cascade,
)
from limner.nodes.sampling import ksampler
from limner.sampling.parametrization import EpsParametrization


@pytest.mark.parametrize("sampling", DISCRETE)
@pytest.mark.parametrize("zsnr", [True, False])
def test_discrete(sampling, zsnr, model):
    meaning = model_sampling_discrete(model=model, sampling=sampling, zsnr=zsnr).parametrization
    assert (meaning.sigma_max > 1000) == zsnr
    level = torch.tensor([1.0])
    nearest = meaning.sigma(meaning.timestep(level))
    assert float(nearest) == pytest.approx(1.0, rel=0.1)


def test_each_reading_is_another_one(model):
    readings = [model_sampling_discrete(model=model, sampling=sampling).parametrization for sampling in DISCRETE]
    assert all(one != other for index, one in enumerate(readings) for other in readings[:index])
    assert readings[0] == EpsParametrization()


def test_flow_shift_moves_the_middle_towards_noise(model):
    plain = model_sampling_sd3(model=model, shift=1.0).parametrization
    moved = model_sampling_sd3(model=model, shift=3.0).parametrization
    assert plain.percent_to_sigma(0.5) == pytest.approx(0.5)
    assert moved.percent_to_sigma(0.5) == pytest.approx(0.75)
    assert moved.sigma_max == 1.0


def test_flow_noising_is_a_straight_line(model):
    meaning = model_sampling_flux(model=model, width=256, height=256, base_shift=0.0).parametrization
    latent, noise = torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 2, 2)
    assert meaning.percent_to_sigma(0.5) == pytest.approx(0.5, abs=0.02)
    torch.testing.assert_close(meaning.noised(latent, noise, 0.25), 0.75 * latent)
    torch.testing.assert_close(meaning.finished(0.75 * latent, 0.25), latent)
    sigma, output = torch.tensor([0.25]), noise - latent
    torch.testing.assert_close(meaning.x0(meaning.noised(latent, noise, 0.25), output, sigma), latent)


def test_continuous_levels(model):
    for sampling in ("v_prediction", "edm", "eps", "cosmos_rflow"):
        meaning = model_sampling_continuous_edm(model=model, sampling=sampling).parametrization
        assert meaning.sigma_max == pytest.approx(120.0, rel=1e-4)
        assert float(meaning.sigma(meaning.timestep(torch.tensor(3.0)))) == pytest.approx(3.0, rel=1e-4)
    angular = model_sampling_continuous_v(model=model, sampling="v_prediction").parametrization
    assert float(angular.timestep(torch.tensor(1.0))) == pytest.approx(0.5)


def test_flow_told_in_noise_is_flow(model):
    latent, noise = torch.randn(2, 1, 4, 2, 2, generator=torch.Generator().manual_seed(0))
    meaning = model_sampling_continuous_edm(model=model, sampling="cosmos_rflow", sigma_max=80.0).parametrization
    sigma = torch.tensor([3.0])
    noised = meaning.noised(latent, noise, 3.0)
    assert torch.equal(noised, meaning.noised(latent, noise, 3.0, full=True))
    torch.testing.assert_close(meaning.scale_input(noised, sigma), 0.25 * latent + 0.75 * noise)
    assert float(meaning.timestep(sigma)) == 0.75
    torch.testing.assert_close(meaning.x0(noised, noise - latent, sigma), latent)


def test_velocity_at_unit_deviation_is_the_discrete_one(model):
    x, output = torch.randn(2, 1, 4, 2, 2, generator=torch.Generator().manual_seed(0))
    sigma = torch.tensor([1.5])
    continuous = model_sampling_continuous_edm(model=model, sampling="v_prediction").parametrization
    discrete = model_sampling_discrete(model=model, sampling="v_prediction").parametrization
    torch.testing.assert_close(continuous.x0(x, output, sigma), discrete.x0(x, output, sigma))


def test_more_tokens_move_further(model):
    small, large = (
        model_sampling_ltxv(model=model, latent={"samples": torch.zeros(1, 1, 1, side, side)}).parametrization
        for side in (16, 64)
    )
    assert large.percent_to_sigma(0.5) > small.percent_to_sigma(0.5)


def test_impossible_settings_are_refused(model):
    with pytest.raises(NumericsError, match="shift"):
        model_sampling_sd3(model=model, shift=0.0)
    with pytest.raises(NumericsError, match="sigma_min"):
        model_sampling_continuous_edm(model=model, sampling="eps", sigma_min=2.0, sigma_max=1.0)
    with pytest.raises(NumericsError, match="Choose one of"):
        model_sampling_continuous_edm(model=model, sampling="edm_playground_v2.5")


def test_a_grey_mask_opens_in_the_course_of_a_walk(model):
    function = differential_diffusion(model=model).options["denoise_mask_function"]
    levels = torch.tensor([14.0, 2.0, 0.1, 0.0])
    mask = torch.tensor([0.0, 0.5, 1.0])
    told = {"model": model, "sigmas": levels}
    opened = [function(level.reshape(1), mask, told).tolist() for level in levels[:-1]]
    assert opened[0] == [0.0, 0.0, 1.0]
    assert opened[-1] == [0.0, 1.0, 1.0]
    soft = differential_diffusion(model=model, strength=0.5).options["denoise_mask_function"]
    assert soft(levels[:1], mask, told).tolist() == [0.0, 0.25, 1.0]


def test_a_differential_walk_goes_through(model, text, sampling):
    latent = set_latent_noise_mask(
        samples=empty_latent_image(width=64, height=64), mask=torch.linspace(0, 1, 64).expand(1, 64, 64)
    )
    result = ksampler(
        model=differential_diffusion(model=model),
        steps=4,
        cfg=1.0,
        sampler_name="euler",
        scheduler="karras",
        positive=text(0.5),
        negative=text(0.0),
        latent_image=latent,
        **sampling,
    )
    assert bool(torch.isfinite(result["samples"]).all())


def test_stable_cascade_levels(model):
    changed = model_sampling_stable_cascade(model=model, shift=2.0)
    assert changed.parametrization.shift == 2.0
    with pytest.raises(NumericsError, match="above 0"):
        model_sampling_stable_cascade(model=model, shift=0.0)
