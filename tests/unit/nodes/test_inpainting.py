"""What is painted anew, and what the network sees of it."""

import torch

from limner.nodes.inpainting import inpaint_model_conditioning, vae_encode_for_inpaint


def picture_and_mask() -> tuple[torch.Tensor, torch.Tensor]:
    mask = torch.zeros(1, 20, 28)
    mask[:, 8:14, 8:14] = 1.0
    return torch.ones(1, 20, 28, 4), mask


def test_sides_are_cut_evenly_and_the_masked_part_is_erased(vae):
    pixels, mask = picture_and_mask()
    latent = vae_encode_for_inpaint(pixels=pixels, vae=vae, mask=mask, grow_mask_by=0)
    assert latent["samples"].shape == (1, 4, 2, 3)
    assert latent["noise_mask"].shape == (1, 1, 16, 24)
    assert latent["noise_mask"].sum() == 36
    assert latent["samples"][0, 0].min() < 1.0
    assert pixels.min() == 1.0


def test_the_mask_grows_and_stays_hard(vae):
    pixels, mask = picture_and_mask()
    grown = vae_encode_for_inpaint(pixels=pixels, vae=vae, mask=mask, grow_mask_by=6)["noise_mask"]
    assert set(grown.unique().tolist()) == {0.0, 1.0}
    assert grown.shape == (1, 1, 16, 24)
    assert 36 < grown.sum() <= 12 * 12


def test_inpainting_networks_are_shown_the_hole(vae, text):
    pixels, mask = picture_and_mask()
    positive, negative, latent = inpaint_model_conditioning(
        positive=text(1.0), negative=text(0.0), vae=vae, pixels=pixels, mask=mask, noise_mask=False
    )
    for conditioning in (positive, negative):
        options = conditioning[0][1]
        assert options["concat_mask"].shape == (1, 1, 16, 24)
        assert options["concat_latent_image"].min() < 1.0
    assert "noise_mask" not in latent
    assert torch.allclose(latent["samples"][:, :3], torch.tensor(1.0))
