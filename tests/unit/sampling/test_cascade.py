"""The cosine schedule: times and levels belong together, and a shift is a shift of the signal-to-noise ratio."""

import pytest
import torch

from limner.sampling.cascade import CosineParametrization


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_times_and_levels_belong_together(shift):
    meaning = CosineParametrization(shift)
    times = torch.tensor([0.1, 0.3, 0.5, 0.8])
    torch.testing.assert_close(meaning.timestep(meaning.sigma(times)), times, rtol=1e-3, atol=1e-4)
    assert (meaning.sigmas.diff() >= 0).all()


def test_a_shift_multiplies_levels():
    time = torch.tensor([0.3, 0.6])
    torch.testing.assert_close(CosineParametrization(2.0).sigma(time), 2.0 * CosineParametrization(1.0).sigma(time))
    assert CosineParametrization(2.0) != CosineParametrization(1.0)
    assert CosineParametrization(2.0) == CosineParametrization(2.0)
    assert hash(CosineParametrization(2.0)) == hash(CosineParametrization(2.0))


def test_shares_of_the_way():
    meaning = CosineParametrization()
    assert meaning.percent_to_sigma(0.0) > meaning.sigma_max
    assert meaning.percent_to_sigma(1.0) == 0.0
    assert meaning.percent_to_sigma(0.4) == pytest.approx(float(meaning.sigma(torch.tensor(0.6))))
