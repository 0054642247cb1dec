"""Sigma, timestep, input, output and x0 belong together."""

import pytest
import torch

from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import EpsParametrization, VelocityParametrization, sigmas_of_betas


def test_the_table_has_the_published_ends():
    parametrization = EpsParametrization()
    assert len(parametrization.sigmas) == 1000
    assert parametrization.sigma_max == pytest.approx(14.614642, abs=1e-6)
    assert parametrization.sigma_min == pytest.approx(0.0291675, abs=1e-5)


def test_sigma_and_timestep_are_inverse_on_the_table():
    parametrization = EpsParametrization()
    timesteps = torch.tensor([0.0, 1.0, 123.0, 500.0, 999.0])
    assert torch.equal(parametrization.timestep(parametrization.sigma(timesteps)), timesteps)
    torch.testing.assert_close(parametrization.sigma(timesteps), parametrization.sigmas[timesteps.long()])


def test_between_entries_sigma_is_log_linear_and_the_timestep_the_nearest():
    parametrization = EpsParametrization()
    low, high = parametrization.sigmas[10], parametrization.sigmas[11]
    middle = parametrization.sigma(torch.tensor([10.5]))
    torch.testing.assert_close(middle, (low * high).sqrt()[None])
    assert parametrization.timestep(middle * 1.001).item() == 11


def test_percents():
    parametrization = EpsParametrization()
    assert parametrization.percent_to_sigma(0.0) > 1e8
    assert parametrization.percent_to_sigma(1.0) == 0.0
    assert parametrization.percent_to_sigma(0.5) == pytest.approx(float(parametrization.sigma(torch.tensor(499.5))))


@pytest.mark.parametrize("kind", [EpsParametrization, VelocityParametrization])
def test_a_perfect_output_gives_back_the_clean_latent(kind):
    parametrization = kind()
    source = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, 3, 4, 4, 4, generator=source, dtype=torch.float64)
    sigma = torch.tensor([0.5, 3.0, 14.0], dtype=torch.float64)
    level = sigma[:, None, None, None]
    x = clean + noise * level
    alpha = 1 / (1 + level**2) ** 0.5
    output = noise if kind is EpsParametrization else alpha * noise - level * alpha * clean
    torch.testing.assert_close(parametrization.x0(x, output, sigma), clean)


def test_the_network_is_shown_unit_variance():
    parametrization = EpsParametrization()
    x = torch.full((2, 1, 1, 1), 5.0)
    scaled = parametrization.scale_input(x, torch.tensor([0.0, 2.0])).flatten()
    torch.testing.assert_close(scaled, torch.tensor([5.0, 5.0 / 5**0.5]))


def test_at_the_largest_sigma_the_noise_carries_the_variance_of_the_data():
    parametrization = EpsParametrization()
    assert parametrization.starts_full(parametrization.sigma_max * (1 - 1e-6))
    assert not parametrization.starts_full(14.0)
    zero, one = torch.zeros(1), torch.ones(1)
    assert parametrization.noised(zero, one, 3.0).item() == 3.0
    assert parametrization.noised(zero, one, 3.0, full=True).item() == pytest.approx(10**0.5)


def test_other_betas_make_other_tables():
    parametrization = EpsParametrization(sigmas_of_betas(torch.full((10,), 0.1, dtype=torch.float64)))
    assert parametrization.sigma_max == pytest.approx(((1 - 0.9**10) / 0.9**10) ** 0.5)


def test_latent_formats_are_undone():
    layout = LatentFormat(scale=1.5305, shift=0.0609)
    latent = torch.randn(1, 4, 2, 2, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(layout.to_stored(layout.to_model(latent)), latent)


def test_equal_ones_are_equal():
    assert EpsParametrization() == EpsParametrization()
    assert hash(EpsParametrization()) == hash(EpsParametrization())
    assert EpsParametrization() != VelocityParametrization()
    assert EpsParametrization() != EpsParametrization(EpsParametrization().sigmas * 2)
