"""Autoencoders of videos: frames, stills, tiles, and the original layouts of Wan's."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import randomised
from tests.models.families.original import original
from tests.models.families.wan import autoencoder, autoencoder_22

from limner.models.library import ModelLibrary
from limner.models.parts.wan_keys import flat_table, nested_table
from limner.models.tiles import in_time
from limner.storage.folders import Folders

FRAMES = 9


def opened(root, state):
    path = root / "models" / "vae" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    save_file({key: tensor.contiguous().clone() for key, tensor in state.items()}, path)
    return ModelLibrary(Folders.under(root, model_roots=(root / "models",))).autoencoder(path.name)


@pytest.fixture
def network():
    return randomised(autoencoder())


@pytest.fixture
def vae(tmp_path, network):
    return opened(tmp_path, original(flat_table(1), network.state_dict()))


def test_frames_are_one_video(vae, network):
    pixels = torch.rand(FRAMES + 2, 32, 48, 3)
    latent = vae.encode(pixels)
    assert latent.shape == (1, 16, 3, 4, 6)
    shown = pixels[:FRAMES].movedim(-1, 0)[None] * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(latent, network.encode(shown).latent_dist.mean)
        expected = (network.decode(latent).sample / 2 + 0.5).clamp(0, 1)
    torch.testing.assert_close(vae.decode(latent), expected[0].movedim(0, -1))


def test_a_latent_without_frames_is_a_still(vae):
    latent = torch.randn(2, 16, 4, 6)
    torch.testing.assert_close(vae.decode(latent), vae.decode(latent.unsqueeze(2)))
    assert vae.decode(latent).shape == (2, 32, 48, 3)


def test_the_layout_of_wan_22(tmp_path):
    network = randomised(autoencoder_22())
    vae = opened(tmp_path, original(nested_table(1), network.state_dict()))
    pixels = torch.rand(5, 64, 32, 3)
    latent = vae.encode(pixels)
    assert latent.shape == (1, 48, 2, 4, 2)
    with torch.no_grad():
        torch.testing.assert_close(latent, network.encode(pixels.movedim(-1, 0)[None] * 2 - 1).latent_dist.mean)
    assert vae.decode(latent).shape == pixels.shape


def test_tiles_in_space_and_time(vae):
    latent = torch.randn(1, 16, 5, 12, 10)
    whole = vae.decode(latent)
    assert vae.decode_tiled(latent, tile=64, overlap=16, frames=12, frame_overlap=4).shape == whole.shape
    torch.testing.assert_close(vae.decode_tiled(latent, tile=512), whole, rtol=1e-4, atol=1e-4)
    assert vae.encode_tiled(whole, tile=64, overlap=16, frames=12, frame_overlap=4).shape == latent.shape


@pytest.mark.parametrize(("size", "overlap"), [(2, 1), (3, 1), (3, 2), (5, 2)])
def test_stretches_in_time_join(size, overlap):
    frames = torch.arange(29.0).reshape(1, 1, -1, 1, 1)

    def elements(video):
        return video[:, :, ::4]

    def shown(latent):  # the frames of an element end with its own
        steps = torch.arange(-3.0, 1).reshape(1, 1, 1, 4)
        return (latent.reshape(1, 1, -1, 1) + steps).flatten(2)[:, :, 3:].reshape(1, 1, -1, 1, 1)

    latent = in_time(elements, frames, size, overlap, 4, 1)
    torch.testing.assert_close(latent, elements(frames))
    torch.testing.assert_close(in_time(shown, latent, size, overlap, 1, 4), frames)
