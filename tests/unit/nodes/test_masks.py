"""Masks, beyond what is recorded."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.nodes.masks import (
    crop_mask,
    feather_mask,
    grow_mask,
    image_color_to_mask,
    image_to_mask,
    join_image_with_alpha,
    mask_composite,
    mask_to_image,
    split_image_with_alpha,
)


def test_masks_without_a_batch_are_taken_too():
    assert mask_to_image(mask=torch.zeros(4, 6)).shape == (1, 4, 6, 3)
    assert crop_mask(mask=torch.zeros(4, 6), x=1, y=1, width=2, height=9).shape == (1, 3, 2)


def test_a_missing_channel_is_explained():
    with pytest.raises(NumericsError, match="3 channels and no alpha"):
        image_to_mask(image=torch.zeros(1, 2, 2, 3), channel="alpha")


def test_colours_are_found_exactly():
    image = torch.tensor([[[[1.0, 128 / 255, 0.0], [1.0, 127 / 255, 0.0]]]])
    assert image_color_to_mask(image=image, color=0xFF8000).tolist() == [[[1, 0]]]


def test_shrinking_and_square_corners():
    mask = torch.zeros(1, 7, 7)
    mask[:, 3, 3] = 1
    assert grow_mask(mask=mask, expand=1, tapered_corners=True).sum() == 5
    square = grow_mask(mask=mask, expand=1, tapered_corners=False)
    assert square.sum() == 9
    assert torch.equal(grow_mask(mask=square, expand=-1, tapered_corners=False), mask)
    assert torch.equal(grow_mask(mask=mask, expand=0), mask)


def test_composites_outside_change_nothing_and_xor_takes_one_of_both():
    ones = torch.ones(1, 4, 4)
    assert torch.equal(mask_composite(destination=ones, source=ones, x=9, y=0, operation="subtract"), ones)
    assert mask_composite(destination=ones, source=ones, x=2, y=2, operation="xor").sum() == 12


def test_feathering_more_than_there_is():
    assert feather_mask(mask=torch.ones(1, 2, 2), left=99).shape == (1, 2, 2)


def test_transparency_is_split_and_joined():
    image, mask = split_image_with_alpha(image=torch.ones(1, 4, 4, 3))
    assert not mask.any()
    joined = join_image_with_alpha(image=image, alpha=torch.ones(2, 8, 8))
    assert joined.shape == (2, 4, 4, 4)
    assert not joined[..., 3].any()
