"""Cameras that move: rays through pixels, and what a network is told of them."""

from math import cos, pi, sin

import torch
from tests.unit.nodes.wan_frames import SIZE, TEXTS, Folding

from limner.models.parts.camera_rays import packed, poses, rays
from limner.nodes.videos_wan_camera import wan_camera_embedding, wan_camera_image_to_video


def test_a_ray_is_its_moment_and_its_direction():
    path = poses((0.0, -1.5, 0.0), 0.0, 3)
    made = rays(path, (4.0, 4.0), (4.0, 2.0), (8, 4))
    assert made.shape == (3, 6, 4, 8)
    row, column = 1, 6
    direction = torch.tensor([(column + 0.5 - 4.0) / 4.0, (row + 0.5 - 2.0) / 4.0, 1.0], dtype=torch.float64)
    direction /= direction.norm()
    moment = torch.linalg.cross(torch.tensor([0.0, -1.0, 0.0], dtype=torch.float64), direction)
    expected = torch.cat([moment, direction]).float()
    torch.testing.assert_close(made[2, :, row, column], expected)
    assert not made[0, :3].any()


def test_a_camera_that_rolls_clockwise_sees_its_right_go_down():
    turned = poses((0.0, 0.0, 0.0), pi / 3, 2)[1, :, :3] @ torch.tensor([1.0, 0.0, 0.0])
    torch.testing.assert_close(turned, torch.tensor([cos(pi / 6), sin(pi / 6), 0.0]))


def test_an_element_has_the_rays_of_all_its_frames():
    frames = torch.arange(5.0)[:, None, None, None] + torch.tensor([0.0, 10.0])[:, None, None]
    made = packed(frames, 4)
    assert made.shape == (1, 8, 2, 1, 1)
    assert made[0, :, 0, 0, 0].tolist() == [0, 0, 0, 0, 10, 10, 10, 10]
    assert made[0, :, 1, 0, 0].tolist() == [1, 2, 3, 4, 11, 12, 13, 14]


def test_moves_are_named_for_the_camera():
    embedding, *size = wan_camera_embedding(camera_pose="Pan Left", width=64, height=32, length=5, fx=0.5, fy=0.5)
    assert size == [64, 32, 5]
    assert embedding.shape == (1, 24, 2, 32, 64)
    ahead = embedding[0, 20:24, 1, 16, 32]
    assert (ahead > 0.99).all()
    # One that goes left from the origin, looking ahead, has a moment downwards: (-s, 0, 0) x (0, 0, 1) = (0, s, 0).
    moments = embedding[0, 4:8, 1, 16, 32]
    torch.testing.assert_close(moments, torch.arange(1, 5) / 5 * 1.5 * ahead)
    assert not wan_camera_embedding(camera_pose="Static", width=64, height=32, length=5)[0][:, :12].any()


def test_a_video_is_the_middle_of_a_wide_picture():
    tall, *_ = wan_camera_embedding(camera_pose="Static", width=32, height=64, length=1, fx=0.5, fy=0.5)
    direction = tall[0, 12::4, 0, 40, 20]
    slope = direction / direction[2]
    torch.testing.assert_close(slope[0], torch.tensor((20.5 - 16) / (0.5 * 64 * 16 / 9)))
    torch.testing.assert_close(slope[1], torch.tensor((40.5 - 32) / (0.5 * 64)))


def test_a_camera_and_a_first_picture_are_told():
    rays = wan_camera_embedding(camera_pose="Zoom In", **SIZE)[0]
    told = wan_camera_image_to_video(
        **TEXTS, vae=Folding(), **SIZE, start_image=torch.ones(1, 16, 32, 3), camera_conditions=rays
    )[1][0][1]
    assert told["camera_conditions"] is rays
    assert told["concat_latent_image"][0, 0, 0].eq(1).all()
    assert told["concat_mask"][0, :, :, 0, 0].T.tolist() == [[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]
    assert wan_camera_image_to_video(**TEXTS, vae=None, **SIZE)[:2] == (TEXTS["positive"], TEXTS["negative"])
