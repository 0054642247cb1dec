"""Sizes of images."""

import pytest
import torch

from limner.nodes.images_size import get_image_size, image_scale, image_scale_by, image_scale_to_total_pixels


@pytest.mark.parametrize(
    ("width", "height", "size"), [(10, 30, (30, 10)), (0, 20, (20, 40)), (10, 0, (5, 10)), (0, 0, (10, 20))]
)
def test_zero_keeps_the_aspect_ratio(width, height, size):
    scaled = image_scale(
        image=torch.zeros(2, 10, 20, 3), upscale_method="area", width=width, height=height, crop="disabled"
    )
    assert scaled.shape == (2, *size, 3)


def test_factors_and_pixel_counts():
    image = torch.zeros(1, 10, 20, 3)
    assert image_scale_by(image=image, upscale_method="bilinear", scale_by=0.01).shape == (1, 1, 1, 3)
    scaled = image_scale_to_total_pixels(image=image, upscale_method="lanczos", megapixels=0.01)
    assert scaled.shape == (1, 72, 145, 3)


def test_sizes_are_given_and_shown(progress):
    assert get_image_size(image=torch.zeros(3, 10, 20, 3), progress=progress) == (20, 10, 3)
    assert progress.texts == ["width: 20, height: 10\n batch size: 3"]
