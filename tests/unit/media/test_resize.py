"""Resizing keeps what each method promises."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.media.resize import (
    IMAGE_METHODS,
    LATENT_METHODS,
    bislerp,
    kept_aspect,
    resize,
    resize_masks,
    scale_to_pixels,
    slerp,
)


@pytest.mark.parametrize("method", sorted({*IMAGE_METHODS, *LATENT_METHODS}))
@pytest.mark.parametrize("crop", ["disabled", "center"])
def test_every_method_gives_the_size_and_keeps_a_constant(method, crop):
    samples = torch.full((2, 3, 12, 20), 0.6)
    resized = resize(samples, 30, 9, method, crop)
    assert resized.shape == (2, 3, 9, 30)
    assert torch.allclose(resized, torch.tensor(0.6), atol=1 / 255)


def test_center_crop_cuts_both_sides_equally():
    columns = torch.arange(8.0).expand(1, 1, 4, 8)
    assert resize(columns, 4, 4, "nearest-exact", "center")[0, 0, 0].tolist() == [2, 3, 4, 5]


def test_same_size_is_the_same_for_interpolation():
    samples = torch.rand(1, 4, 5, 7)
    for method in ("nearest-exact", "bilinear", "area", "bislerp"):
        assert torch.allclose(resize(samples, 7, 5, method), samples, atol=1e-6)


def test_bislerp_keeps_the_norm_between_vectors_of_equal_norm():
    generator = torch.Generator().manual_seed(3)
    samples = torch.randn(1, 4, 6, 6, generator=generator)
    samples = samples / samples.norm(dim=1, keepdim=True)
    assert torch.allclose(bislerp(samples, 17, 11).norm(dim=1), torch.ones(1, 11, 17), atol=1e-4)


def test_slerp_of_right_angles_is_in_the_middle_of_the_arc():
    east, north = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1), torch.tensor([0.0, 1.0]).view(1, 2, 1, 1)
    middle = slerp(east, north, torch.tensor(0.5)).flatten()
    assert torch.allclose(middle, torch.tensor([0.5, 0.5]).sqrt())


def test_slerp_has_no_nan_at_zero_equal_and_opposite_vectors():
    first = torch.tensor([[0.0, 0.0], [1.0, 2.0], [1.0, 0.0]]).view(3, 2, 1, 1)
    second = torch.tensor([[1.0, 0.0], [1.0, 2.0], [-1.0, 0.0]]).view(3, 2, 1, 1)
    assert bool(torch.isfinite(slerp(first, second, torch.tensor(0.3))).all())


def test_masks_are_stretched_softly():
    mask = torch.tensor([[0.0, 1.0]])
    resized = resize_masks(mask, 4, 1)
    assert resized.shape == (1, 1, 4)
    assert 0 < float(resized[0, 0, 1]) < 1


def test_zero_keeps_the_aspect_ratio():
    assert kept_aspect(0, 50, 200, 100) == (100, 50)
    assert kept_aspect(50, 0, 200, 100) == (50, 25)
    assert kept_aspect(1, 0, 200, 100, smallest=64) == (64, 64)
    assert scale_to_pixels(100, 400, 10_000) == (50, 200)


def test_unknown_methods_and_shapes_are_refused():
    with pytest.raises(NumericsError, match="not 'magic'"):
        resize(torch.zeros(1, 3, 4, 4), 2, 2, "magic")
    with pytest.raises(NumericsError, match=r"\[b c h w\]"):
        resize(torch.zeros(3, 4, 4), 2, 2, "bilinear")
