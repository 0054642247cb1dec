"""Noise levels are taken apart where they should be."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.nodes.sigmas import (
    extend_intermediate_sigmas,
    flip_sigmas,
    sampling_percent_to_sigma,
    set_first_sigma,
    split_sigmas_denoise,
)

LEVELS = torch.tensor([4.0, 3.0, 2.0, 1.0, 0.0])


@pytest.mark.parametrize(("denoise", "high", "low"), [(0.5, 3, 3), (1.0, 1, 5), (0.0, 5, 1)])
def test_split_by_share(denoise, high, low):
    first, last = split_sigmas_denoise(sigmas=LEVELS, denoise=denoise)
    assert (len(first), len(last)) == (high, low)
    assert first[-1] == last[0]


def test_flipped_levels_do_not_begin_at_zero():
    assert flip_sigmas(sigmas=LEVELS)[0] == pytest.approx(0.0001)
    assert LEVELS[-1] == 0
    assert len(flip_sigmas(sigmas=torch.empty(0))) == 0


def test_first_level():
    assert set_first_sigma(sigmas=LEVELS, sigma=9.0).tolist() == [9, 3, 2, 1, 0]
    with pytest.raises(NumericsError, match="empty"):
        set_first_sigma(sigmas=torch.empty(0))


def test_extended_between_two_levels():
    settings = {"steps": 2, "start_at_sigma": 3.5, "end_at_sigma": 2.0}
    extended = extend_intermediate_sigmas(sigmas=LEVELS, spacing="linear", **settings)
    assert extended.tolist() == [4, 3, 2.5, 2, 1.5, 1, 0]
    curved = extend_intermediate_sigmas(sigmas=LEVELS, spacing="sine", **settings)
    assert curved[2] > 2.5
    assert extend_intermediate_sigmas(sigmas=LEVELS, steps=1, spacing="linear").tolist() == LEVELS.tolist()


def test_percent(model):
    meaning = model.parametrization
    assert sampling_percent_to_sigma(model=model, sampling_percent=0.0) > 1e8
    assert sampling_percent_to_sigma(model=model, return_actual_sigma=True) == meaning.sigma_max
    assert sampling_percent_to_sigma(model=model, sampling_percent=1.0, return_actual_sigma=True) == meaning.sigma_min
    assert 0 < sampling_percent_to_sigma(model=model, sampling_percent=0.5) < meaning.sigma_max
