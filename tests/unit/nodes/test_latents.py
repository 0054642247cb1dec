"""Latents keep what travels with them: masks, the numbers of their noise."""

import torch

from limner.media.latents import encode_latent
from limner.nodes.latents import (
    empty_latent_image,
    empty_sd3_latent_image,
    latent_batch,
    latent_from_batch,
    load_latent,
    repeat_latent_batch,
    set_latent_noise_mask,
)


def numbered(count: int) -> torch.Tensor:
    return torch.arange(float(count)).view(-1, 1, 1, 1).expand(-1, 4, 2, 3)


def test_empty_latents_have_the_size_in_elements():
    assert empty_latent_image(width=96, height=64, batch_size=2)["samples"].shape == (2, 4, 8, 12)
    assert empty_sd3_latent_image(width=96, height=64, batch_size=1)["samples"].shape == (1, 16, 8, 12)


def test_noise_mask_gets_a_channel_axis():
    given = {"samples": numbered(1), "batch_index": [3]}
    masked = set_latent_noise_mask(samples=given, mask=torch.ones(5, 7))
    assert masked["noise_mask"].shape == (1, 1, 5, 7)
    assert masked["batch_index"] == [3]
    assert "noise_mask" not in given


def test_a_stretch_of_a_batch_keeps_its_numbers_and_masks():
    batch = {"samples": numbered(4), "noise_mask": numbered(2)[:, :1]}
    part = latent_from_batch(samples=batch, batch_index=1, length=2)
    assert part["samples"][:, 0, 0, 0].tolist() == [1, 2]
    assert part["batch_index"] == [1, 2]
    assert part["noise_mask"][:, 0, 0, 0].tolist() == [1, 0]
    assert latent_from_batch(samples=part, batch_index=1, length=9)["batch_index"] == [2]
    assert latent_from_batch(samples=batch, batch_index=63, length=9)["batch_index"] == [3]


def test_repeated_batches_get_new_numbers():
    batch = {"samples": numbered(2), "batch_index": [4, 6], "noise_mask": numbered(2)[:, :1]}
    repeated = repeat_latent_batch(samples=batch, amount=2)
    assert repeated["samples"].shape[0] == 4
    assert repeated["batch_index"] == [4, 6, 7, 9]
    assert repeated["noise_mask"].shape[0] == 4
    assert "batch_index" not in repeat_latent_batch(samples={"samples": numbered(1)}, amount=3)


def test_joined_batches_take_the_size_of_the_first():
    joined = latent_batch(samples1={"samples": numbered(2)}, samples2={"samples": torch.ones(1, 4, 4, 4)})
    assert joined["samples"].shape == (3, 4, 2, 3)
    assert joined["batch_index"] == [0, 1, 0]


def test_saved_latents_are_loaded_and_change_the_fingerprint(folders):
    (folders.input / "a.latent").write_bytes(encode_latent(numbered(1)))
    assert torch.equal(load_latent(latent="a.latent", folders=folders)["samples"], numbered(1))
    assert load_latent.fingerprint(latent="a.latent", folders=folders) != "missing"
    assert load_latent.fingerprint(latent="../a", folders=folders) == "missing"
