"""Stable Video Diffusion: its original layout at its real size, its autoencoder against the network of diffusers."""

import pytest
import torch
from diffusers import UNetSpatioTemporalConditionModel
from safetensors.torch import save_file
from tests.models.families import svd
from tests.models.families.case import randomised

from limner.models.autoencoder import Autoencoder
from limner.models.family import InputRequest
from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.parts.video_unet import find_video_unet, video_unet_blueprint, video_unet_inputs
from limner.sampling.denoiser import LatentFormat
from limner.storage.folders import Folders


def test_the_original_layout_fills_the_network_at_its_real_size():
    with torch.device("meta"):
        network = UNetSpatioTemporalConditionModel()
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    # A level of four, with transformers in three: as in the test's network, one more below.
    original = {f"model.diffusion_model.{name}": shape for name, shape in svd.original(wanted).items()}
    blueprint = video_unet_blueprint(Layout(original))
    with torch.device("meta"):
        built = blueprint.build()
    assert {name: tuple(tensor.shape) for name, tensor in built.state_dict().items()} == wanted
    assert {name: original[source.names[0]] for name, source in blueprint.keys.items()} == wanted
    assert built.config.num_attention_heads == (5, 10, 20, 20)
    assert "model.diffusion_model.input_blocks.1.1.time_stack.0.norm_in.weight" in original
    assert "model.diffusion_model.output_blocks.2.1.conv.weight" in original


def test_networks_that_are_told_other_numbers_are_left_alone():
    shapes = {
        "input_blocks.0.0.weight": (320, 8, 3, 3),
        "input_blocks.1.0.time_stack.in_layers.0.weight": (320,),
        "time_embed.0.weight": (1280, 320),
    }
    assert find_video_unet(Layout({**shapes, "label_emb.0.0.weight": (1280, 256)})) is None
    assert find_video_unet(Layout({**shapes, "label_emb.0.0.weight": (1280, 768)})) is not None


def test_the_network_is_told_the_rate_less_one_and_the_picture_as_it_is_stored():
    picture = torch.randn(1, 4, 2, 2)
    entry = {"fps": 12, "motion_bucket_id": 30, "augmentation_level": 0.5, "concat_latent_image": picture}
    request = InputRequest(entry, torch.zeros(1, 1, 8), torch.zeros(5, 4, 2, 2), LatentFormat(scale=0.18215))
    inputs = video_unet_inputs(request)
    assert inputs["told"].tolist() == [[11.0, 30.0, 0.5]]
    torch.testing.assert_close(inputs["concat"], picture)


@pytest.fixture
def network():
    return randomised(svd.autoencoder())


def loaded(tmp_path, state) -> Autoencoder:
    path = tmp_path / "models" / "vae" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    save_file({name: tensor.clone().contiguous() for name, tensor in state.items()}, path)
    return ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",))).autoencoder(path.name)


def shown(network, latents):
    with torch.no_grad():
        frames = network.decode(latents, num_frames=len(latents)).sample
    return (frames / 2 + 0.5).clamp(0, 1).movedim(1, -1)


def test_frames_are_decoded_together(tmp_path, network):
    vae = loaded(tmp_path, network.state_dict())
    assert (vae.kind.name, vae.channels, vae.downscale) == ("temporal", 4, 8)
    latents = torch.randn(3, 4, 4, 2, generator=torch.Generator().manual_seed(1))
    together = vae.decode(latents)
    torch.testing.assert_close(together, shown(network, latents), rtol=1e-4, atol=1e-5)
    alone = torch.cat([vae.decode(latent[None]) for latent in latents])
    assert (together - alone).abs().max() > 1e-3
    assert vae.decode_tiled(latents, tile=64, overlap=8).shape == together.shape
    # One tile holds everything: the same as without.
    torch.testing.assert_close(vae.decode_tiled(latents, tile=1024), together, rtol=1e-3, atol=1e-4)
    pixels = torch.rand(2, 32, 16, 3)
    with torch.no_grad():
        mean = network.encode(pixels.movedim(-1, 1) * 2 - 1).latent_dist.mean
    torch.testing.assert_close(vae.encode(pixels), mean, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("prefix", ["first_stage_model.", ""])
def test_the_original_autoencoder_has_no_last_layer(tmp_path, network, prefix):
    network.quant_conv.weight.copy_(torch.eye(8)[:, :, None, None])
    network.quant_conv.bias.zero_()
    original = svd.original_autoencoder(network.state_dict())
    assert "decoder.up.3.block.0.time_stack.in_layers.2.weight" in original
    assert "encoder.down.0.downsample.conv.weight" in original
    vae = loaded(tmp_path, {prefix + name: tensor for name, tensor in original.items()})
    latents = torch.randn(2, 4, 2, 2, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(vae.decode(latents), shown(network, latents), rtol=1e-4, atol=1e-5)
    pixels = torch.rand(1, 16, 16, 3)
    with torch.no_grad():
        mean = network.encode(pixels.movedim(-1, 1) * 2 - 1).latent_dist.mean
    torch.testing.assert_close(vae.encode(pixels), mean, rtol=1e-4, atol=1e-4)
