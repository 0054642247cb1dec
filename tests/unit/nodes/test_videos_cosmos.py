"""Cosmos' videos with known pictures at their beginning and their end."""

import torch
from tests.unit.nodes.wan_frames import SIZE, Folding

from limner.nodes.videos_cosmos import cosmos_image_to_video_latent, cosmos_predict2_image_to_video_latent


class Coarse(Folding):
    """Has eight frames an element."""

    def encode(self, pixels):
        return super().encode(pixels)[:, :, ::2]


def test_known_pictures_stay_and_the_others_are_free():
    first, last = torch.ones(6, 16, 32, 3), torch.full((1, 20, 20, 4), 0.25)
    latent = cosmos_predict2_image_to_video_latent(
        vae=Folding(), **SIZE | {"length": 17}, batch_size=2, start_image=first, end_image=last
    )
    assert latent["samples"].shape == (2, 16, 5, 2, 4)
    assert latent["samples"][1, 0, :, 0, 0].tolist() == [1.0, 1.0, 0.0, 0.0, 0.25]
    assert latent["noise_mask"].shape == (2, 1, 5, 2, 4)
    assert latent["noise_mask"][0, 0, :, 0, 0].tolist() == [0, 0, 1, 1, 0]


def test_the_first_network_has_eight_frames_an_element():
    latent = cosmos_image_to_video_latent(vae=Coarse(), **SIZE | {"length": 17}, start_image=torch.ones(9, 16, 32, 3))
    assert latent["samples"][0, 0, :, 0, 0].tolist() == [1.0, 1.0, 0.0]


def test_without_pictures_all_is_free():
    assert cosmos_image_to_video_latent(vae=None, **SIZE).keys() == {"samples"}
