"""What Wan's nodes say: known frames, sizes, latents that begin with pictures. The networks' cases test the rest."""

import torch
from tests.unit.nodes.wan_frames import SIZE, TEXTS, Folding

from limner.models.parts.wan_latent import MEAN
from limner.nodes.videos_wan import wan22_image_to_video_latent, wan_first_last_frame_to_video, wan_image_to_video
from limner.nodes.videos_wan_control import wan22_fun_control_to_video, wan_fun_control_to_video, wan_vace_to_video


def test_nothing_is_told_without_pictures():
    positive, negative, latent = wan_image_to_video(**TEXTS, vae=None, **SIZE, batch_size=2)
    assert (positive, negative) == (TEXTS["positive"], TEXTS["negative"])
    assert latent["samples"].shape == (2, 16, 3, 2, 4)


def test_known_frames_are_not_drawn():
    first, last = torch.ones(1, 20, 20, 3), torch.zeros(1, 16, 32, 4)
    positive, negative, _ = wan_first_last_frame_to_video(
        **TEXTS, vae=Folding(), **SIZE, start_image=first, end_image=last
    )
    told = positive[0][1]
    assert torch.equal(told["concat_latent_image"][0, 0, :, 0, 0], torch.tensor([1.0, 0.5, 0.0]))
    assert told["concat_mask"][0, :, :, 0, 0].T.tolist() == [[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0]]
    assert negative[0][1].keys() == told.keys()
    assert TEXTS["positive"][0][1] == {}


def test_control_videos_stand_before_pictures_and_are_nothing_where_they_end():
    video = torch.zeros(5, 16, 32, 3)
    positive, *_ = wan_fun_control_to_video(**TEXTS, vae=Folding(), **SIZE, control_video=video)
    shown = positive[0][1]["concat_latent_image"]
    nothing = torch.tensor(MEAN).reshape(-1, 1, 1).expand(-1, 2, 4)
    assert shown.shape == (1, 32, 3, 2, 4)
    assert not shown[0, :16, :2].any()
    assert torch.equal(shown[0, :16, 2], nothing)
    assert all(torch.equal(shown[0, 16:, frame], nothing) for frame in range(3))


def test_what_is_to_be_seen_comes_beside_the_control_video():
    reference = torch.ones(2, 16, 32, 3)
    positive, _, latent = wan22_fun_control_to_video(**TEXTS, vae=Folding(48, 16), **SIZE, ref_image=reference)
    told = positive[0][1]
    assert latent["samples"].shape == (1, 48, 3, 1, 2)
    assert told["concat_latent_image"].shape == latent["samples"].shape
    assert [seen.shape for seen in told["reference_latents"]] == [(1, 48, 1, 1, 2)]
    assert told["reference_latents"][0].eq(1).all()


def test_one_mask_of_a_steering_video_is_for_all_frames():
    masks = torch.zeros(1, 16, 32)
    positive, _, latent, trim = wan_vace_to_video(**TEXTS, vae=Folding(), **SIZE, control_masks=masks)
    assert positive[0][1]["vace_mask"][0].shape == (1, 64, 3, 2, 4)
    assert not positive[0][1]["vace_mask"][0].any()
    assert (trim, latent["samples"].shape[2]) == (0, 3)


def test_a_latent_begins_with_pictures():
    latent = wan22_image_to_video_latent(
        vae=Folding(48, 16), width=64, height=32, length=9, batch_size=2, start_image=torch.ones(1, 32, 64, 3)
    )
    assert latent["samples"].shape == (2, 48, 3, 2, 4)
    assert latent["samples"][:, :, 0].eq(1).all()
    assert latent["noise_mask"][0, 0, :, 0, 0].tolist() == [0, 1, 1]
    assert wan22_image_to_video_latent(vae=None, width=64, height=32, length=5).keys() == {"samples"}
