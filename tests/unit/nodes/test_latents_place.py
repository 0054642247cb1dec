"""Size, crops, turns and mixtures of latents."""

import pytest
import torch

from limner.nodes.latents_place import (
    latent_blend,
    latent_composite,
    latent_crop,
    latent_flip,
    latent_rotate,
    latent_upscale,
    latent_upscale_by,
)


def latent(height: int = 8, width: int = 12, value: float | None = None) -> dict:
    samples = torch.arange(float(height * width)).view(1, 1, height, width).repeat(1, 4, 1, 1)
    return {"samples": samples if value is None else torch.full_like(samples, value), "batch_index": [5]}


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(144, 96, (12, 18)), (0, 128, (16, 24)), (192, 0, (16, 24)), (0, 0, (8, 12)), (8, 0, (8, 8))],
)
def test_upscaling_counts_in_pixels(width, height, size):
    result = latent_upscale(samples=latent(), upscale_method="bislerp", width=width, height=height, crop="disabled")
    assert result["samples"].shape[-2:] == size
    assert result["batch_index"] == [5]


def test_upscaling_by_a_factor():
    result = latent_upscale_by(samples=latent(), upscale_method="nearest-exact", scale_by=1.5)
    assert result["samples"].shape[-2:] == (12, 18)


def test_flips_and_turns():
    upside = latent_flip(samples=latent(), flip_method="x-axis: vertically")["samples"]
    mirrored = latent_flip(samples=latent(), flip_method="y-axis: horizontally")["samples"]
    turned = latent_rotate(samples=latent(), rotation="90 degrees")["samples"]
    assert upside[0, 0, 0, 0] == 84
    assert mirrored[0, 0, 0, 0] == 11
    assert turned.shape[-2:] == (12, 8)
    assert turned[0, 0, 0].tolist() == [84, 72, 60, 48, 36, 24, 12, 0]
    assert torch.equal(latent_rotate(samples=latent(), rotation="none")["samples"], latent()["samples"])


def test_crops_leave_at_least_eight_elements():
    cropped = latent_crop(samples=latent(16, 24), width=64, height=64, x=16, y=8)["samples"]
    assert cropped.shape[-2:] == (8, 8)
    assert cropped[0, 0, 0, 0] == 24 + 2
    assert latent_crop(samples=latent(16, 24), width=512, height=512, x=9999, y=0)["samples"].shape[-2:] == (16, 8)


def test_composites_fade_at_inner_edges_only():
    result = latent_composite(
        samples_to=latent(8, 8, value=0.0), samples_from=latent(8, 4, value=1.0), x=16, y=0, feather=16
    )["samples"][0, 0]
    assert result[0].tolist() == [0, 0, 0.5, 1, 1, 0.5, 0, 0]
    assert torch.equal(result[0], result[-1])
    outside = latent_composite(samples_to=latent(8, 8, 0.0), samples_from=latent(8, 4, 1.0), x=999, y=0)["samples"]
    assert not outside.any()


def test_blends_are_weighted_means():
    result = latent_blend(samples1=latent(value=1.0), samples2=latent(4, 6, value=0.0), blend_factor=0.25)
    assert torch.allclose(result["samples"], torch.tensor(0.25))
