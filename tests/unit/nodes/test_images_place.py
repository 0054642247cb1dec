"""Crops, borders and pictures side by side, beyond what is recorded."""

import pytest
import torch

from limner.nodes.images_place import image_crop, image_flip, image_pad_for_outpaint, image_stitch


def test_crops_keep_at_least_a_pixel():
    image = torch.arange(12.0).view(1, 3, 4, 1)
    assert image_crop(image=image, width=9, height=9, x=99, y=99).flatten().tolist() == [11]


def test_flips():
    image = torch.arange(4.0).view(1, 2, 2, 1)
    assert image_flip(image=image, flip_method="y-axis: horizontally").flatten().tolist() == [1, 0, 3, 2]


def test_the_mask_fades_towards_borders_only():
    padded, mask = image_pad_for_outpaint(image=torch.zeros(1, 16, 16, 3), left=8, feathering=4)
    assert padded.shape == (1, 16, 24, 3)
    assert mask[0, 5, :14].tolist() == [1] * 8 + [1, 0.5625, 0.25, 0.0625, 0, 0]
    assert torch.equal(mask[0, 0], mask[0, -1])
    unfaded = image_pad_for_outpaint(image=torch.zeros(1, 16, 16, 3), left=8, feathering=8)[1]
    assert unfaded.sum() == 8 * 16


@pytest.mark.parametrize(
    ("direction", "size", "first"), [("right", (8, 20), 0), ("left", (8, 20), 1), ("down", (16, 10), 0)]
)
def test_images_side_by_side(direction, size, first):
    one, two = torch.zeros(1, 8, 10, 3), torch.ones(2, 8, 10, 3)
    stitched = image_stitch(image1=one, image2=two, direction=direction)
    assert stitched.shape == (2, *size, 3)
    assert stitched[0, 0, 0, 0] == first


def test_other_sizes_are_centred_or_matched_with_a_gap():
    one, two = torch.ones(1, 8, 10, 3), torch.ones(1, 4, 4, 4)
    centred = image_stitch(image1=one, image2=two, match_image_size=False, spacing_width=3, spacing_color="red")
    assert centred.shape == (1, 8, 18, 4)
    assert centred[0, 4, 10].tolist() == [1, 0, 0, 1]
    assert centred[0, :, 15, 0].tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    assert image_stitch(image1=one, image2=two).shape == (1, 8, 18, 4)
    assert image_stitch(image1=one) is one
