"""Conditioning nodes make new entries and leave the given ones alone."""

import torch

from limner.nodes.conditioning import (
    conditioning_average,
    conditioning_combine,
    conditioning_concat,
    conditioning_set_area,
    conditioning_set_area_percentage,
    conditioning_set_area_strength,
    conditioning_set_mask,
    conditioning_set_timestep_range,
    conditioning_zero_out,
)


def test_combine_keeps_both(text):
    assert len(conditioning_combine(conditioning_1=text(1.0), conditioning_2=text(2.0))) == 2


def test_concat_appends_tokens_of_the_first_entry(text):
    joined = conditioning_concat(conditioning_to=text(1.0) + text(3.0), conditioning_from=text(2.0, tokens=2))
    assert [entry[0].shape[1] for entry in joined] == [5, 5]
    assert joined[1][0][0, :, 0].tolist() == [3, 3, 3, 2, 2]


def test_average_cuts_and_fills_the_second_text(text):
    longer = conditioning_average(
        conditioning_to=text(1.0), conditioning_from=text(3.0, tokens=5), conditioning_to_strength=0.25
    )
    shorter = conditioning_average(
        conditioning_to=text(1.0), conditioning_from=text(3.0, tokens=1), conditioning_to_strength=0.5
    )
    assert longer[0][0][0, :, 0].tolist() == [2.5, 2.5, 2.5]
    assert shorter[0][0][0, :, 0].tolist() == [2.0, 0.5, 0.5]
    assert longer[0][1]["pooled_output"].tolist() == [[2.5, 2.5]]


def test_zero_out_makes_zeros_of_tokens_and_pooled_text(text):
    given = text(1.0)
    zeroed = conditioning_zero_out(conditioning=given)
    assert not zeroed[0][0].any()
    assert not zeroed[0][1]["pooled_output"].any()
    assert given[0][0].all()


def test_areas_are_in_latent_elements_or_shares(text):
    given = text(1.0)
    area = conditioning_set_area(conditioning=given, width=64, height=128, x=8, y=16, strength=0.5)[0][1]
    share = conditioning_set_area_percentage(conditioning=given, width=0.5, height=0.25, x=0.1, y=0.2)[0][1]
    assert (area["area"], area["strength"]) == ((16, 8, 2, 1), 0.5)
    assert share["area"] == ("percentage", 0.25, 0.5, 0.2, 0.1)
    assert conditioning_set_area_strength(conditioning=given, strength=2.0)[0][1]["strength"] == 2.0
    assert "area" not in given[0][1]


def test_masks_and_times(text):
    masked = conditioning_set_mask(
        conditioning=text(1.0), mask=torch.ones(4, 6), strength=0.9, set_cond_area="mask bounds"
    )
    options = masked[0][1]
    assert (options["mask"].shape, options["mask_strength"]) == ((1, 4, 6), 0.9)
    assert options["set_area_to_bounds"] is True
    timed = conditioning_set_timestep_range(conditioning=text(1.0), start=0.25, end=0.5)[0][1]
    assert (timed["start_percent"], timed["end_percent"]) == (0.25, 0.5)
