"""Batches are divided anew without losing anything."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.nodes.batches import latent_batch_seed_behavior, rebatch_images, rebatch_latents


def test_images_join_while_they_are_of_one_size():
    small, large = torch.rand(3, 4, 4, 3), torch.rand(2, 8, 8, 3)
    batches = rebatch_images(images=[small, small, large], batch_size=[4])
    assert [len(batch) for batch in batches] == [4, 2, 2]
    assert torch.equal(torch.cat(batches[:2]), torch.cat([small, small]))
    with pytest.raises(NumericsError, match="empty"):
        rebatch_images(images=[], batch_size=[1])


def test_latents_take_masks_and_numbers_along():
    first = {"samples": torch.zeros(2, 4, 8, 8), "noise_mask": torch.rand(1, 1, 64, 64)}
    second = {"samples": torch.ones(2, 4, 8, 8), "batch_index": [7, 9]}
    batches = rebatch_latents(latents=[first, second], batch_size=[3])
    assert [batch["batch_index"] for batch in batches] == [[0, 1, 7], [9]]
    assert batches[0]["noise_mask"].shape == (3, 1, 64, 64)
    assert torch.equal(batches[0]["noise_mask"][2], torch.ones(1, 64, 64))
    assert "noise_mask" not in batches[1]
    assert "batch_index" not in first


def test_seed_behaviour():
    samples = {"samples": torch.zeros(3, 4, 8, 8), "batch_index": [4, 5, 6]}
    assert latent_batch_seed_behavior(samples=samples, seed_behavior="fixed")["batch_index"] == [4, 4, 4]
    assert "batch_index" not in latent_batch_seed_behavior(samples=samples, seed_behavior="random")
    assert samples["batch_index"] == [4, 5, 6]
