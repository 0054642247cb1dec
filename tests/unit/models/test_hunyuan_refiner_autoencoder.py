"""The autoencoder of HunyuanImage's refiner in its layouts, against the network of diffusers."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import randomised
from tests.models.families.hunyuan_image_refiner import autoencoder

from limner.models.autoencoders.hunyuan_image_refiner import NAMES
from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.registry import load_autoencoders
from limner.storage.folders import Folders


def original(name):
    for old, new in reversed(NAMES.items()):
        name = name.replace(new, old) if not old.startswith("mid.") else name
    for old, new in NAMES.items():
        name = name.replace(new, old) if old.startswith("mid.") else name
    return name


@pytest.mark.parametrize("prefix", [None, "", "vae."])
def test_each_layout(tmp_path, prefix):
    network = randomised(autoencoder())
    state = network.state_dict()
    if prefix is not None:
        state = {prefix + original(name): tensor for name, tensor in state.items()}
        assert not any("_blocks" in name for name in state)
    shapes = Layout({key: tuple(tensor.shape) for key, tensor in state.items()})
    known = load_autoencoders().values()
    assert [kind.name for kind in known if kind.blueprint(shapes) is not None] == ["hunyuan_image_refiner"]
    path = tmp_path / "models" / "vae" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    save_file({key: tensor.contiguous().clone() for key, tensor in state.items()}, path)
    vae = ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",))).autoencoder(path.name)
    assert (vae.channels, vae.downscale) == (64, 16)
    pixels = torch.rand(2, 32, 48, 3, generator=torch.Generator().manual_seed(1))
    latent = vae.encode(pixels)
    assert latent.shape == (2, 64, 2, 3)
    with torch.no_grad():
        found = network.encode(pixels.movedim(-1, 1).unsqueeze(2) * 2 - 1).latent_dist.mean
        shown = (network.decode(found).sample / 2 + 0.5).clamp(0, 1)[:, :, 0]
    torch.testing.assert_close(latent, torch.cat([found, found], dim=1)[:, :, 0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(vae.decode(latent), shown.movedim(1, -1), rtol=1e-4, atol=1e-4)
    assert vae.decode_tiled(latent).shape == pixels.shape
