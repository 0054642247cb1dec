"""LTX-Video's autoencoder from its original layout, against the network of diffusers."""

import pytest
import torch
from diffusers import AutoencoderKLLTXVideo
from diffusers.loaders.single_file_utils import convert_ltx_vae_checkpoint_to_diffusers
from safetensors.torch import save_file
from tests.models.families.case import randomised

from limner.models.library import ModelLibrary
from limner.storage.folders import Folders

PLACES = {
    "decoder.mid_block": "decoder.up_blocks.0",
    "decoder.up_blocks.0": "decoder.up_blocks.1",
    "decoder.up_blocks.1.upsamplers.0": "decoder.up_blocks.2",
    "decoder.up_blocks.1": "decoder.up_blocks.3",
    "decoder.up_blocks.2.conv_in": "decoder.up_blocks.4",
    "decoder.up_blocks.2.upsamplers.0": "decoder.up_blocks.5",
    "decoder.up_blocks.2": "decoder.up_blocks.6",
    "decoder.up_blocks.3.conv_in": "decoder.up_blocks.7",
    "decoder.up_blocks.3.upsamplers.0": "decoder.up_blocks.8",
    "decoder.up_blocks.3": "decoder.up_blocks.9",
    "encoder.down_blocks.0.downsamplers.0": "encoder.down_blocks.1",
    "encoder.down_blocks.0.conv_out": "encoder.down_blocks.2",
    "encoder.down_blocks.1.downsamplers.0": "encoder.down_blocks.4",
    "encoder.down_blocks.1.conv_out": "encoder.down_blocks.5",
    "encoder.down_blocks.1": "encoder.down_blocks.3",
    "encoder.down_blocks.2.downsamplers.0": "encoder.down_blocks.7",
    "encoder.down_blocks.2": "encoder.down_blocks.6",
    "encoder.down_blocks.3": "encoder.down_blocks.8",
    "encoder.mid_block": "encoder.down_blocks.9",
}
PARTS = {"conv_shortcut.conv": "conv_shortcut", "resnets": "res_blocks", "norm3.": "norm3.norm."}
STATISTICS = {"latents_mean": "mean-of-means", "latents_std": "std-of-means"}


def original(name):
    if name in STATISTICS:
        return f"per_channel_statistics.{STATISTICS[name]}"
    place = max((place for place in PLACES if name.startswith(f"{place}.")), key=len, default=None)
    moved = name if place is None else PLACES[place] + name.removeprefix(place)
    for new, old in PARTS.items():
        moved = moved.replace(new, old)
    return moved


@pytest.fixture
def network():
    widths = {"block_out_channels": (8, 16, 32, 32), "layers_per_block": (2, 1, 1, 1, 2)}
    decoder = {"decoder_block_out_channels": (8, 16, 32, 32), "decoder_layers_per_block": (1, 2, 1, 1, 2)}
    made = randomised(AutoencoderKLLTXVideo(latent_channels=16, **widths, **decoder))
    made.latents_std.copy_(made.latents_std.abs() + 0.5)
    return made


@pytest.mark.parametrize("prefix", ["vae.", ""])
def test_the_original_layout(tmp_path, network, prefix):
    state = {prefix + original(name): tensor.clone() for name, tensor in network.state_dict().items()}
    back = convert_ltx_vae_checkpoint_to_diffusers({"vae." + key.removeprefix(prefix): t for key, t in state.items()})
    assert back.keys() == network.state_dict().keys()
    path = tmp_path / "models" / "vae" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    save_file(state, path)
    vae = ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",))).autoencoder(path.name)
    pixels = torch.rand(11, 64, 32, 3)
    latent = vae.encode(pixels)
    assert latent.shape == (1, 16, 2, 2, 1)
    mean, deviation = (value.reshape(1, -1, 1, 1, 1) for value in (network.latents_mean, network.latents_std))
    with torch.no_grad():
        found = network.encode(pixels[:9].movedim(-1, 0)[None] * 2 - 1).latent_dist.mean
        torch.testing.assert_close(latent * deviation + mean, found, rtol=1e-4, atol=1e-4)
        shown = (network.decode(found).sample / 2 + 0.5).clamp(0, 1)
    torch.testing.assert_close(vae.decode(latent), shown[0].movedim(0, -1), rtol=1e-4, atol=1e-4)
