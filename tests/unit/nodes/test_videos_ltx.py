"""A first picture of LTX-Video lies in the latent; pictures that went through a video codec."""

import pytest
import torch

from limner.nodes.videos_ltx import ltxv_img_to_video, ltxv_preprocess


class Folding:
    """Encodes one frame by the mean of its pixels."""

    def encode(self, pixels):
        assert pixels.shape == (1, 64, 96, 3)
        return torch.full((1, 128, 1, 2, 3), float(pixels.mean()))


def test_the_latent_begins_with_the_picture():
    positive, negative, latent = ltxv_img_to_video(
        positive=[1],
        negative=[2],
        vae=Folding(),
        image=torch.full((1, 32, 48, 3), 0.5),
        width=96,
        height=64,
        length=17,
        batch_size=2,
        strength=0.75,
    )
    assert (positive, negative) == ([1], [2])
    assert latent["samples"].shape == (2, 128, 3, 2, 3)
    assert latent["samples"][:, 0, :, 0, 0].tolist() == [[0.5, 0, 0]] * 2
    assert latent["noise_mask"][0, 0, :, 0, 0].tolist() == [0.25, 1, 1]


def test_compression_loses_detail():
    image = torch.rand(2, 33, 48, 3, generator=torch.Generator().manual_seed(1))
    assert ltxv_preprocess(image=image, img_compression=0) is image
    some, much = (ltxv_preprocess(image=image, img_compression=loss) for loss in (20, 100))
    assert some.shape == much.shape == (2, 32, 48, 3)
    assert some.std() > much.std()
    assert some.mean() == pytest.approx(float(image.mean()), abs=0.05)
