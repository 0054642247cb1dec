"""Blend modes and compositing, beyond what is recorded."""

import pytest
import torch

from limner.nodes.images_blend import image_blend, image_composite_masked


def grey(value: float, height: int = 4, width: int = 4, channels: int = 3) -> torch.Tensor:
    return torch.full((1, height, width, channels), value)


@pytest.mark.parametrize(
    ("mode", "under", "over", "expected"),
    [
        ("soft_light", 0.5, 0.0, 0.25),
        ("soft_light", 0.5, 1.0, 0.5**0.5),
        ("soft_light", 0.2, 1.0, ((16 * 0.2 - 12) * 0.2 + 4) * 0.2),
        ("overlay", 0.25, 0.5, 0.25),
        ("difference", 0.25, 0.5, 0.0),
    ],
)
def test_modes(mode, under, over, expected):
    blended = image_blend(image1=grey(under), image2=grey(over, 8, 8, 4), blend_factor=1.0, blend_mode=mode)
    assert blended.shape == (1, 4, 4, 4)
    assert torch.allclose(blended[..., :3], torch.tensor(expected), atol=1e-6)


def test_a_source_is_laid_in_by_its_mask_and_cut_at_the_border():
    result = image_composite_masked(
        destination=grey(0.0), source=grey(1.0), x=2, y=3, mask=torch.full((1, 2, 2), 0.25), resize_source=False
    )
    assert result[0, 3, :, 0].tolist() == [0, 0, 0.25, 0.25]
    assert result[0, :3].sum() == 0


def test_sources_are_stretched_or_outside():
    result = image_composite_masked(destination=grey(0.0), source=grey(1.0, 2, 2), x=0, y=0, resize_source=True)
    assert torch.equal(result, grey(1.0))
    assert torch.equal(image_composite_masked(destination=grey(0.5), source=grey(1.0), x=99, y=0), grey(0.5))
