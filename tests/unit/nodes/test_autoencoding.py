"""Between pixels and latents."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.nodes.autoencoding import as_images, vae_decode, vae_decode_tiled, vae_encode, vae_encode_tiled


def test_pictures_come_back_and_transparency_is_left_out(vae):
    pixels = torch.full((1, 16, 24, 4), 0.25)
    latent = vae_encode(pixels=pixels, vae=vae)
    assert latent["samples"].shape == (1, 4, 2, 3)
    assert torch.allclose(vae_decode(samples=latent, vae=vae), pixels[..., :3])
    tiled = vae_encode_tiled(pixels=pixels, vae=vae, tile_size=64, overlap=0)
    assert torch.equal(tiled["samples"], latent["samples"])
    assert torch.equal(vae_decode_tiled(samples=latent, vae=vae), vae_decode(samples=latent, vae=vae))


def test_videos_become_batches():
    assert as_images(torch.zeros(2, 5, 8, 8, 3)).shape == (10, 8, 8, 3)


def test_a_missing_autoencoder_is_explained():
    with pytest.raises(NumericsError, match="VAE is invalid: None"):
        vae_decode(samples={"samples": torch.zeros(1, 4, 2, 2)}, vae=None)
