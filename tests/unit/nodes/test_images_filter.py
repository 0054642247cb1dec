"""Filters, beyond what is recorded."""

import pytest
import torch

from limner.nodes.images_edges import canny
from limner.nodes.images_filter import image_blur, image_quantize, image_sharpen, morphology


def spot() -> torch.Tensor:
    image = torch.zeros(1, 9, 9, 3)
    image[:, 4, 4] = 1.0
    return image


def test_blur_keeps_the_sum_and_sharpening_keeps_flat_areas():
    assert torch.allclose(image_blur(image=spot(), blur_radius=2, sigma=1.0).sum(), torch.tensor(3.0))
    flat = torch.full((1, 9, 9, 3), 128 / 255)
    assert torch.allclose(image_sharpen(image=flat, sharpen_radius=2, sigma=0.7, alpha=5.0), flat, atol=1e-5)


@pytest.mark.parametrize(
    ("operation", "total"),
    [("erode", 0), ("dilate", 9), ("open", 0), ("close", 1), ("gradient", 9), ("bottom_hat", 0), ("top_hat", 1)],
)
def test_morphology_of_a_spot(operation, total):
    assert morphology(image=spot(), operation=operation, kernel_size=3)[..., 0].sum() == total


@pytest.mark.parametrize("dither", ["none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-16"])
def test_quantized_images_have_few_colours(dither):
    ramp = torch.linspace(0, 1, 32).view(1, 1, 32, 1).expand(1, 32, 32, 3)
    reduced = image_quantize(image=ramp, colors=4, dither=dither)
    assert reduced.shape == ramp.shape
    assert len(reduced.reshape(-1, 3).unique(dim=0)) <= 4
    assert abs(float(reduced.mean()) - 0.5) < 0.05


def test_edges_are_thin_lines_at_the_step():
    image = torch.zeros(1, 16, 16, 3)
    image[:, :, 8:] = 1.0
    edges = canny(image=image, low_threshold=0.05, high_threshold=0.15)
    assert edges.shape == (1, 16, 16, 3)
    columns = edges[0, 8, :, 0]
    assert 1 <= int(columns.sum()) <= 2
    assert int(columns.argmax()) in (7, 8)
    assert canny(image=image, low_threshold=0.8, high_threshold=0.9).sum() == 0
