"""Conditioning becomes entries that know where, when and how much they count."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.sampling.conditioning import Area, Entry, faded, mask_for, resolved, with_matching_areas
from limner.sampling.parametrization import EpsParametrization

PARAMETRIZATION = EpsParametrization()
LATENT = torch.zeros(2, 4, 16, 24)


def entry(**options):
    (found,) = resolved([[torch.zeros(1, 7, 8), options]], LATENT, PARAMETRIZATION)
    return found


def test_a_plain_entry_counts_everywhere_and_always():
    plain = entry(pooled_output=None)
    assert plain.area is None
    assert plain.active(1e6)
    assert plain.active(0.0)
    assert torch.equal(plain.weight(LATENT), torch.ones(1, 1, 16, 24))


def test_an_entry_counts_between_two_noise_levels():
    between = entry(highest_sigma=3.0, lowest_sigma=1.5)
    assert [between.active(sigma) for sigma in (3.1, 3.0, 1.5, 1.4)] == [False, True, True, False]
    half = PARAMETRIZATION.percent_to_sigma(0.5)
    both = entry(highest_sigma=half * 2, lowest_sigma=half / 2, start_percent=0.5)
    assert (both.highest, both.lowest) == (half, half / 2)


def test_areas_in_elements_and_in_shares():
    assert entry(area=(8, 12, 4, 6)).area == Area(8, 12, 4, 6)
    assert entry(area=("percentage", 0.5, 0.25, 0.5, 0.75)).area == Area(8, 6, 8, 18)
    assert entry(area=("percentage", 0.0, 0.0, 0.0, 0.0)).area == Area(1, 1, 0, 0)


def test_an_area_is_cut_at_the_latent():
    assert entry(area=(100, 100, 4, 6)).area == Area(12, 18, 4, 6)


def test_an_area_fades_at_inner_edges_only():
    weight = faded(torch.ones(1, 1, 16, 12), Area(16, 12, 0, 6), (16, 24))[0, 0]
    assert torch.equal(weight[0], weight[-1])
    torch.testing.assert_close(weight[0, :4], torch.tensor([1 / 3, 2 / 3, 1.0, 1.0]))
    torch.testing.assert_close(weight[0, -4:], torch.tensor([1.0, 1.0, 2 / 3, 1 / 3]))


def test_areas_of_videos_may_last_for_a_share_of_the_time():
    video = torch.zeros(2, 3, 8, 16, 24)
    options = {"area": ("percentage", 0.5, 1.0, 0.5, 0.5, 0.0, 0.5)}
    (found,) = resolved([[torch.zeros(1, 7, 8), options]], video, PARAMETRIZATION)
    assert found.area == Area(16, 12, 0, 12, frames=4, start=4)
    assert found.area.of(video).shape == (2, 3, 4, 16, 12)
    weight = found.weight(video)
    assert weight.shape == (1, 1, 4, 16, 12)
    torch.testing.assert_close(weight[0, 0, :, 0, -1], torch.ones(4))
    faded_out = faded(torch.ones(8, 16, 12), Area(16, 12, 0, 12, frames=8), (16, 16, 24))[:, 0, -1]
    assert faded_out.tolist() == [1.0] * 7 + [0.5]
    assert entry(area=options["area"]).area == Area(16, 12, 0, 12)


def test_an_area_covers_what_is_inside_and_lasts_no_longer():
    short = Area(4, 4, 2, 2, frames=2, start=1)
    assert Area(8, 8, 0, 0).covers(short)
    assert Area(4, 4, 2, 2, frames=3).covers(short)
    assert not Area(4, 4, 2, 2, frames=2).covers(short)
    assert not short.covers(Area(4, 4, 2, 2))


def test_a_mask_of_a_video_weighs_at_every_time_and_in_every_sample():
    video = torch.zeros(2, 3, 5, 16, 24)
    options = {"mask": torch.stack([torch.ones(16, 24), torch.zeros(16, 24)]), "area": (16, 12, 0, 0)}
    (found,) = resolved([[torch.zeros(1, 7, 8), options]], video, PARAMETRIZATION)
    assert found.weight(video).expand(2, 3, 5, 16, 12).mean(dim=(1, 2, 3, 4)).tolist() == [1.0, 0.0]


def test_a_mask_is_resized_and_weighs():
    mask = torch.zeros(32, 48)
    mask[:, 24:] = 1.0
    weight = entry(mask=mask, mask_strength=0.5, strength=2.0).weight(LATENT)
    assert weight.shape == (2, 1, 16, 24)
    assert weight[..., :11].abs().max() == 0
    assert torch.equal(weight[..., 13:], torch.ones(2, 1, 16, 11))


def test_an_area_may_follow_the_mask_s_bounds():
    mask = torch.zeros(1, 16, 24)
    mask[:, 2:13, 5:7] = 1.0
    assert entry(mask=mask, set_area_to_bounds=True).area == Area(11, 8, 2, 5)


def test_an_entry_counts_between_its_percents():
    late = entry(start_percent=0.5, end_percent=1.0)
    middle = PARAMETRIZATION.percent_to_sigma(0.5)
    assert not late.active(middle * 1.01)
    assert late.active(middle)
    assert late.active(0.0)


def test_something_else_than_a_tensor_is_refused_with_its_type():
    with pytest.raises(NumericsError, match="holds NoneType"):
        resolved([[None, {}]], LATENT, PARAMETRIZATION)


def test_an_area_gets_a_counterpart_from_the_tightest_entry_that_covers_it():
    area = Area(4, 4, 2, 2)
    cond = [Entry(torch.zeros(1), {}, area=area)]
    whole, near = Entry(torch.zeros(1), {"n": 1}), Entry(torch.zeros(1), {"n": 2}, area=Area(8, 8, 0, 0))
    matched = with_matching_areas([whole, near], cond)
    assert [(found.options, found.area) for found in matched[2:]] == [({"n": 2}, area)]
    assert with_matching_areas(matched, cond) == matched
    assert with_matching_areas([], cond) == []


def test_masks_of_videos():
    latent = torch.zeros(2, 4, 3, 2, 2)
    moving = torch.zeros(1, 1, 3, 2, 2)
    moving[:, :, 0] = 1
    assert torch.equal(mask_for(moving, latent), moving.expand_as(latent))
    assert torch.equal(mask_for(moving[0, 0], latent), moving.expand_as(latent))  # frames in a row
    assert torch.equal(mask_for(torch.ones(1, 8, 8), latent), torch.ones_like(latent))


def test_masks_of_stills_are_taken_in_turn():
    masks = torch.stack([torch.zeros(2, 2), torch.ones(2, 2)])
    found = mask_for(masks, torch.zeros(3, 4, 2, 2))
    assert found[:, 0, 0, 0].tolist() == [0, 1, 0]
