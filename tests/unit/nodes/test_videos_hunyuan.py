"""What HunyuanVideo's nodes say of a first picture. The networks' cases test what becomes of it."""

import pytest
import torch

from limner.nodes.videos_hunyuan import hunyuan_image_to_video

POSITIVE = [[torch.zeros(1, 2, 3), {"kept": 1}]]
SIZE = {"width": 32, "height": 16, "length": 9, "batch_size": 2}
PICTURES = torch.rand(5, 20, 20, 4, generator=torch.Generator().manual_seed(1))
KINDS = ["v1 (concat)", "v2 (replace)", "custom"]


class Folding:
    """Encodes by taking every fourth frame and the mean of squares of pixels."""

    def encode(self, pixels):
        assert pixels.shape[1:] == (16, 32, 3)
        pooled = torch.nn.functional.avg_pool2d(pixels.movedim(-1, 1), 8)[::4].mean(dim=1)
        return pooled[None, None].expand(1, 16, -1, -1, -1)


def told(kind, pictures=PICTURES):
    return hunyuan_image_to_video(positive=POSITIVE, vae=Folding(), **SIZE, guidance_type=kind, start_image=pictures)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_told_without_a_picture(kind):
    positive, latent = told(kind, None)
    assert positive is POSITIVE
    assert latent.keys() == {"samples"}
    assert latent["samples"].shape == (2, 16, 3, 2, 4)
    assert not latent["samples"].any()


def test_channels_of_their_own():
    positive, latent = told("v1 (concat)")
    options = positive[0][1]
    assert options["concat_latent_image"].shape == (1, 16, 2, 2, 4)
    assert options["concat_mask"][0, 0, :, 0, 0].tolist() == [0, 0, 1]
    assert options["concat_mask"].shape == (1, 1, 3, 2, 4)
    assert options["kept"] == 1
    assert latent.keys() == {"samples"}
    assert not latent["samples"].any()


def test_the_first_element():
    positive, latent = told("v2 (replace)", PICTURES[:1])
    assert positive[0][1] == {"kept": 1, "guiding_frame_index": 0}
    known = Folding().encode(
        torch.nn.functional.interpolate(
            PICTURES[:1, 5:15, :, :3].movedim(-1, 1), size=(16, 32), mode="bilinear"
        ).movedim(1, -1)
    )
    torch.testing.assert_close(latent["samples"][:, :, :1], known.expand(2, -1, -1, -1, -1))
    assert not latent["samples"][:, :, 1:].any()
    assert latent["noise_mask"][0, 0, :, 0, 0].tolist() == [0, 1, 1]


def test_beside_the_video():
    positive, latent = told("custom", PICTURES[:1])
    assert positive[0][1]["ref_latent"].shape == (1, 16, 1, 2, 4)
    assert latent.keys() == {"samples"}
    assert POSITIVE[0][1] == {"kept": 1}
