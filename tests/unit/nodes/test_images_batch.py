"""Batches of images."""

import torch

from limner.nodes.images_batch import empty_image, image_batch, image_from_batch, repeat_image_batch


def test_empty_images_have_the_colour():
    image = empty_image(width=4, height=3, batch_size=2, color=0xFF8000)
    assert image.shape == (2, 3, 4, 3)
    assert torch.allclose(image[1, 2, 3], torch.tensor([1.0, 128 / 255, 0.0]))


def test_joined_batches_fill_missing_transparency_opaque():
    joined = image_batch(image1=torch.zeros(1, 4, 4, 4), image2=torch.zeros(2, 8, 8, 3))
    assert joined.shape == (3, 4, 4, 4)
    assert joined[:, 0, 0, 3].tolist() == [0, 1, 1]


def test_stretches_are_limited_to_what_there_is():
    batch = torch.arange(3.0).view(3, 1, 1, 1).expand(3, 2, 2, 3)
    assert image_from_batch(image=batch, batch_index=1, length=9)[:, 0, 0, 0].tolist() == [1, 2]
    assert image_from_batch(image=batch, batch_index=99, length=1)[:, 0, 0, 0].tolist() == [2]
    assert repeat_image_batch(image=batch, amount=2)[:, 0, 0, 0].tolist() == [0, 1, 2, 0, 1, 2]
