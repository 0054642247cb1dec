"""First pictures of LTX-Video lie in the latent, guides behind it; pictures that went through a video codec."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.families.ltxv import LTXV
from limner.models.family import InputRequest
from limner.nodes.videos_ltx import (
    ltxv_add_guide,
    ltxv_crop_guides,
    ltxv_img_to_video,
    ltxv_img_to_video_inplace,
    ltxv_preprocess,
)


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


class Numbering:
    """Encodes frames by their means: the first alone, then eight at a time."""

    def encode(self, pixels):
        assert pixels.shape[1:] == (64, 96, 3)
        assert len(pixels) % 8 == 1
        means = pixels.mean(dim=(1, 2, 3))
        elements = torch.cat([means[:1], means[1:].reshape(-1, 8).mean(dim=1)])
        return elements.reshape(1, 1, -1, 1, 1).expand(1, 128, -1, 2, 3)


def guided(latent, frames, start, strength=1.0, conditioning=None):
    told = conditioning or [["text", {"frame_rate": 25.0}]]
    image = torch.full((frames, 64, 96, 3), 0.5)
    positive, negative, made = ltxv_add_guide(
        positive=told, negative=told, vae=Numbering(), latent=latent, image=image, frame_idx=start, strength=strength
    )
    assert positive[0][1] == negative[0][1]
    return positive, made


def shown(latent):
    """One place of the latent, and of its mask."""
    return latent["samples"][0, 0, :, 0, 0].tolist(), latent["noise_mask"][0, 0, :, 0, 0].tolist()


def empty(batch=1):
    return {"samples": torch.zeros(batch, 128, 4, 2, 3)}


def test_a_guide_for_the_first_frame_lies_in_the_latent():
    conditioning, latent = guided(empty(batch=2), 12, 0, strength=0.75)
    assert shown(latent) == ([0.5, 0.5, 0, 0], [0.25, 0.25, 1, 1])
    assert latent["samples"].shape == (2, 128, 4, 2, 3)
    assert not conditioning[0][1].get("guide_frames")
    assert conditioning[0][1]["frame_rate"] == 25.0


@pytest.mark.parametrize(("start", "first"), [(10, 10), (-1, 24), (-5, 20)])
def test_a_picture_for_a_later_frame_lies_behind_the_video(start, first):
    conditioning, latent = guided(empty(), 1, start, strength=0.75)
    assert shown(latent) == ([0, 0, 0, 0, 0.5], [1, 1, 1, 1, 0.25])
    assert conditioning[0][1]["guide_frames"] == (first,)


def test_a_video_begins_at_a_whole_element_and_ends_with_the_video():
    conditioning, latent = guided(empty(), 40, 9)
    assert shown(latent) == ([0, 0, 0, 0.5, 0.5, 0.5], [1, 1, 1, 0, 0, 0])
    assert conditioning[0][1]["guide_frames"] == (8, 9)


def test_guides_are_cut_off_again():
    conditioning, latent = guided(empty(), 1, 10)
    conditioning, latent = guided(latent, 1, -1, conditioning=conditioning)
    assert conditioning[0][1]["guide_frames"] == (10, 24)
    assert shown(latent)[0] == [0, 0, 0, 0, 0.5, 0.5]
    positive, negative, cut = ltxv_crop_guides(positive=conditioning, negative=conditioning, latent=latent)
    assert cut["samples"].shape[2] == cut["noise_mask"].shape[2] == 4
    assert ltxv_crop_guides(positive=positive, negative=negative, latent=cut)[2] is cut


def test_a_guide_keeps_the_mask_of_the_latent():
    free = torch.zeros(1, 1, 4, 2, 3)
    free[:, :, 2:] = 1
    assert shown(guided({**empty(), "noise_mask": free}, 1, 10)[1])[1] == [0, 0, 1, 1, 0]


def test_a_guide_behind_the_end_is_refused():
    with pytest.raises(NumericsError, match="up to 24"):
        guided(empty(), 1, 25)


def test_a_latent_of_guides_alone_is_refused():
    options = {"guide_frames": (8, 16)}
    request = InputRequest(options, torch.zeros(1, 3, 8), torch.zeros(1, 128, 2, 2, 3), LTXV.latent_format)
    with pytest.raises(NumericsError, match="LTXVCropGuides"):
        LTXV.inputs(request)


def test_a_video_that_is_there_is_given_a_beginning():
    def begun(**options):
        latent, image = empty(), torch.full((9, 32, 48, 3), 0.5)
        return latent, ltxv_img_to_video_inplace(vae=Numbering(), image=image, latent=latent, **options)

    assert shown(begun(strength=0.75)[1]) == ([0.5, 0.5, 0, 0], [0.25, 0.25, 1, 1])
    latent, same = begun(bypass=True)
    assert same is latent
