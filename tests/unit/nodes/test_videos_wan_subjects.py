"""Subjects and characters: what networks are told of them, and how a longer video is made in parts."""

import torch
from tests.unit.nodes.wan_frames import SIZE, TEXTS, Folding

from limner.models.parts.wan_latent import MEAN
from limner.nodes.videos_wan_subjects import wan_animate_to_video, wan_phantom_subject_to_video


def frames(*levels: float) -> torch.Tensor:
    """Frames of one grey each."""
    return torch.tensor(levels)[:, None, None, None].expand(-1, 16, 32, 3)


def test_of_the_negatives_one_knows_the_subjects():
    positive, seeing, blind, latent = wan_phantom_subject_to_video(
        **TEXTS, vae=Folding(), **SIZE, images=frames(0.25, 0.75)
    )
    assert positive[0][1]["time_dim_concat"][0, 0, :, 0, 0].tolist() == [0.25, 0.75]
    assert seeing[0][1]["time_dim_concat"] is positive[0][1]["time_dim_concat"]
    assert torch.equal(seeing[0][0], blind[0][0])
    assert torch.equal(blind[0][1]["time_dim_concat"][0, :, 1, 0, 0], torch.tensor(MEAN))
    assert latent["samples"].shape == (1, 16, 3, 2, 4)


def test_without_subjects_nothing_is_told():
    positive, seeing, blind, _ = wan_phantom_subject_to_video(**TEXTS, vae=None, **SIZE)
    assert (positive, seeing, blind) == (TEXTS["positive"], TEXTS["negative"], TEXTS["negative"])


def test_a_character_is_told_by_a_reference_poses_and_a_face():
    positive, negative, latent, *numbers = wan_animate_to_video(
        **TEXTS, vae=Folding(), **SIZE, reference_image=frames(1.0), pose_video=frames(0.25), face_video=frames(0.75)
    )
    told = positive[0][1]
    assert latent["samples"].shape == (1, 16, 4, 2, 4)
    assert told["concat_latent_image"][0, 0, :, 0, 0].tolist() == [1.0, 0.5, 0.5, 0.5]
    assert told["concat_mask"][0, 0, :, 0, 0].tolist() == [0, 1, 1, 1]
    assert told["pose_video_latent"][0, 0, :, 0, 0].tolist() == [0.25, 0.25, 0.25]
    assert told["face_video_pixels"].shape == (1, 3, 9, 512, 512)
    assert told["face_video_pixels"].eq(0.5).all()
    assert negative[0][1]["face_video_pixels"].eq(-1).all()
    assert numbers == [1, 0, 9]


def test_a_video_goes_on_where_its_last_part_ended():
    poses = frames(*(number / 100 for number in range(40)))
    masks = torch.zeros(40, 16, 32)
    masks[:, :, :16] = 1.0
    positive, _, _, *numbers = wan_animate_to_video(
        **TEXTS,
        vae=Folding(),
        **SIZE,
        pose_video=poses,
        background_video=poses,
        character_mask=masks,
        continue_motion=frames(*(1.0,) * 8),
        continue_motion_max_frames=5,
        video_frame_offset=9,
    )
    told = positive[0][1]
    assert numbers == [1, 5, 13]
    torch.testing.assert_close(told["pose_video_latent"][0, 0, :, 0, 0], torch.tensor([0.04, 0.08, 0.12]))
    torch.testing.assert_close(told["concat_latent_image"][0, 0, 1:, 0, 0], torch.tensor([1.0, 1.0, 0.12]))
    assert told["concat_mask"][0, 0, 1:, 0, 0].tolist() == [0, 0, 1]
    assert not told["concat_mask"][..., 2:].any()


def test_poses_that_are_over_are_black():
    positive, *_ = wan_animate_to_video(
        **TEXTS, vae=Folding(), **SIZE, pose_video=frames(0.5, 0.5), face_video=frames(0.5, 0.5), video_frame_offset=2
    )
    assert not positive[0][1]["pose_video_latent"].any()
    assert "face_video_pixels" not in positive[0][1]
