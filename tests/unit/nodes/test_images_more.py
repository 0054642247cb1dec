"""Fitting, colours apart, noise, and layers with transparency."""

import pytest
import torch

from limner.nodes.images_colour import image_add_noise, image_rgb_to_yuv, image_yuv_to_rgb
from limner.nodes.images_fit import flux_kontext_image_scale, image_scale_to_max_dimension, resize_and_pad_image
from limner.nodes.images_porter_duff import MODES, porter_duff_image_composite
from limner.nodes.latents_place import latent_composite_masked

DRAW = torch.Generator().manual_seed(2)


@pytest.mark.parametrize("channels", [3, 4])
def test_longest_side(channels):
    image = torch.rand(2, 30, 60, channels, generator=DRAW)
    fitted = image_scale_to_max_dimension(image=image, upscale_method="area", largest_size=20)
    assert fitted.shape == (2, 10, 20, channels)
    assert image_scale_to_max_dimension(image=image, upscale_method="area", largest_size=0) is image
    thin = torch.rand(1, 400, 1, 3)
    assert image_scale_to_max_dimension(image=thin, upscale_method="bilinear", largest_size=8).shape[1:3] == (8, 1)


def test_a_frame_is_filled_with_a_border():
    padded = resize_and_pad_image(
        image=torch.full((1, 10, 20, 3), 0.5),
        target_width=40,
        target_height=41,
        padding_color="white",
        interpolation="bilinear",
    )
    assert padded.shape == (1, 41, 40, 3)
    assert float(padded[0, 0, 0, 0]) == 1.0
    assert float(padded[0, 20, 20, 0]) == pytest.approx(0.5)
    assert int((padded[0, :, 0, 0] != 1).sum()) == 20


def test_trained_sizes():
    assert flux_kontext_image_scale(image=torch.rand(1, 100, 100, 3)).shape == (1, 1024, 1024, 3)
    assert flux_kontext_image_scale(image=torch.rand(1, 100, 300, 3)).shape == (1, 672, 1568, 3)


def test_brightness_and_back():
    image = torch.rand(1, 5, 7, 3, generator=DRAW)
    bright, bluer, redder = image_rgb_to_yuv(image=image)
    assert bright.shape == image.shape
    torch.testing.assert_close(image_yuv_to_rgb(Y=bright, U=bluer, V=redder), image, atol=2e-3, rtol=0)
    grey = image_rgb_to_yuv(image=torch.full((1, 2, 2, 3), 0.25))
    assert [round(float(part.mean()), 3) for part in grey] == [0.25, 0.5, 0.5]


def test_noise_leaves_transparency_and_repeats():
    image = torch.full((1, 6, 6, 4), 0.5)
    noisy = image_add_noise(image=image, seed=4, strength=0.2)
    assert torch.equal(noisy, image_add_noise(image=image, seed=4, strength=0.2))
    assert torch.equal(noisy[..., 3], image[..., 3])
    assert not torch.equal(noisy[..., :3], image[..., :3])
    assert torch.equal(image_add_noise(image=image, seed=4, strength=0.0), image)


OPAQUE, CLEAR = torch.zeros(1, 4, 4), torch.ones(1, 4, 4)
RED = torch.tensor([1.0, 0.0, 0.0]).expand(1, 4, 4, 3)
BLUE = torch.tensor([0.0, 0.0, 1.0]).expand(1, 4, 4, 3)


def layered(mode, over=OPAQUE, under=OPAQUE):
    image, mask = porter_duff_image_composite(
        source=RED, source_alpha=over, destination=BLUE, destination_alpha=under, mode=mode
    )
    return image[0, 0, 0].tolist(), float(mask[0, 0, 0])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("SRC_OVER", ([1, 0, 0], 0)),
        ("DST_OVER", ([0, 0, 1], 0)),
        ("CLEAR", ([0, 0, 0], 1)),
        ("XOR", ([0, 0, 0], 1)),
        ("ADD", ([1, 0, 1], 0)),
        ("MULTIPLY", ([0, 0, 0], 0)),
        ("SCREEN", ([1, 0, 1], 0)),
        ("LIGHTEN", ([1, 0, 1], 0)),
        ("DARKEN", ([0, 0, 0], 0)),
    ],
)
def test_opaque_layers(mode, expected):
    assert layered(mode) == expected


@pytest.mark.parametrize("mode", sorted(set(MODES) - {"OVERLAY"}))
def test_a_clear_source_leaves_nothing_or_the_destination(mode):
    image, mask = layered(mode, over=CLEAR)
    assert (image, mask) in (([0, 0, 1], 0.0), ([0, 0, 0], 1.0))


def test_half_a_layer():
    image, mask = layered("SRC_OVER", over=torch.full((1, 4, 4), 0.5))
    assert image == [0.5, 0.0, 0.5]
    assert mask == 0.0


def test_sizes_follow_the_destination():
    image, mask = porter_duff_image_composite(
        source=torch.rand(2, 9, 5, 4),
        source_alpha=torch.zeros(3, 2, 2),
        destination=torch.rand(4, 8, 6, 3),
        destination_alpha=torch.zeros(4, 8, 6),
        mode="SRC",
    )
    assert (image.shape, mask.shape) == ((2, 8, 6, 3), (2, 8, 6))


def test_a_latent_laid_into_another_where_the_mask_is():
    under, over = {"samples": torch.zeros(2, 4, 8, 8)}, {"samples": torch.ones(1, 4, 4, 4)}
    mask = torch.zeros(1, 32, 32)
    mask[:, :16] = 1
    joined = latent_composite_masked(destination=under, source=over, x=48, y=16, mask=mask)["samples"]
    assert float(joined.sum()) == 2 * 4 * 2 * 2
    assert float(joined[:, :, 2:4, 6:].mean()) == 1.0
    outside = latent_composite_masked(destination=under, source=over, x=640, y=0)["samples"]
    assert outside.count_nonzero() == 0
    whole = latent_composite_masked(destination=under, source=over, resize_source=True)["samples"]
    assert float(whole.mean()) == 1.0
