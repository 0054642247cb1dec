"""Previews are small JPEGs of the first latent, the middle of a video, or nothing."""

import io

import torch
from PIL import Image

from limner.media.previews import latent_preview

GREY = ((1.0, 1.0, 1.0),)


def test_a_latent_becomes_a_jpeg_whose_longest_side_is_asked_for():
    preview = latent_preview(torch.zeros(2, 1, 8, 16), GREY, (0.0, 0.0, 0.0), 64)
    assert preview is not None
    picture = Image.open(io.BytesIO(preview.image))
    assert (picture.format, picture.size) == ("JPEG", (64, 32))
    assert abs(picture.getpixel((5, 5))[0] - 127) <= 1
    assert not preview.final


def test_of_a_video_the_middle_is_seen():
    video = torch.full((1, 1, 5, 8, 8), -1.0)
    video[:, :, 2] = 1.0
    preview = latent_preview(video, GREY, (0.0, 0.0, 0.0), 64)
    assert preview is not None
    assert Image.open(io.BytesIO(preview.image)).getpixel((5, 5))[0] == 255


def test_other_channels_and_nan_give_no_preview():
    assert latent_preview(torch.zeros(1, 4, 8, 8), GREY, (0.0, 0.0, 0.0), 64) is None
    assert latent_preview(torch.full((1, 1, 8, 8), float("nan")), GREY, (0.0, 0.0, 0.0), 64) is None
