"""Upscalers of LTX-Video's latents, against diffusers' pipeline."""

import pytest
import torch
from diffusers import LTXLatentUpsamplePipeline
from diffusers.pipelines.ltx.modeling_latent_upsampler import LTXLatentUpsamplerModel
from safetensors.torch import save_file
from tests.models.families.case import randomised
from tests.models.families.components import kl_autoencoder, quiet
from tests.models.families.ltxv import late_autoencoder

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.library import ModelLibrary
from limner.nodes.upscaling_latents import latent_upscale_model_loader, ltxv_latent_upsampler
from limner.storage.folders import Folders

LATENT = (2, 128, 3, 2, 3)
KINDS = {
    "space": ({}, (3, 4, 6)),
    "space, flat": ({"dims": 2}, (3, 4, 6)),
    "time": ({"spatial_upsample": False, "temporal_upsample": True}, (5, 2, 3)),
    "both": ({"temporal_upsample": True}, (5, 4, 6)),
}


@pytest.fixture
def autoencoder():
    made = randomised(late_autoencoder())
    made.latents_std.copy_(made.latents_std.abs() + 0.5)
    return made


@pytest.fixture
def written(tmp_path, autoencoder):
    """Writes files; gives the library."""

    def write(folder, network):
        path = tmp_path / "models" / folder / "tiny.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous().clone() for name, tensor in network.state_dict().items()}, path)

    def make(upscaler, vae=autoencoder):
        write("latent_upscale_models", upscaler)
        write("vae", vae)
        return ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",)))

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_latents_become_what_the_pipeline_makes_of_them(written, autoencoder, kind):
    arguments, size = KINDS[kind]
    network = randomised(LTXLatentUpsamplerModel(mid_channels=32, num_blocks_per_stage=1, **arguments))
    library = written(network)
    upscaler = latent_upscale_model_loader(model_name="tiny.safetensors", library=library)
    latents = torch.randn(LATENT, generator=torch.Generator().manual_seed(1))
    given = {"samples": latents, "noise_mask": torch.ones(1, 1, 3, 2, 3), "batch_index": [0, 1]}
    found = ltxv_latent_upsampler(samples=given, upscale_model=upscaler, vae=library.autoencoder("tiny.safetensors"))
    pipe = LTXLatentUpsamplePipeline(vae=autoencoder, latent_upsampler=network)
    expected = quiet(pipe)(latents=latents, height=64, width=96, output_type="latent").frames
    assert found.keys() == {"samples", "batch_index"}
    assert found["samples"].shape[2:] == size
    torch.testing.assert_close(found["samples"], expected, rtol=1e-4, atol=1e-4)


def test_another_autoencoder_is_refused(written):
    library = written(LTXLatentUpsamplerModel(mid_channels=32, num_blocks_per_stage=1), kl_autoencoder())
    upscaler = latent_upscale_model_loader(model_name="tiny.safetensors", library=library)
    vae = library.autoencoder("tiny.safetensors")
    with pytest.raises(NumericsError, match="VAE of LTX-Video"):
        ltxv_latent_upsampler(samples={"samples": torch.zeros(LATENT)}, upscale_model=upscaler, vae=vae)


def test_another_file_is_refused(written):
    library = written(kl_autoencoder())
    with pytest.raises(ModelFileError, match="upscaler of LTX-Video"):
        latent_upscale_model_loader(model_name="tiny.safetensors", library=library)
