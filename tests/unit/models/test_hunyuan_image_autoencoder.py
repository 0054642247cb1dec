"""HunyuanImage's autoencoder in its layouts, against the network of diffusers."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import randomised
from tests.models.families.hunyuan_image import autoencoder

from limner.models.autoencoders.hunyuan_image import MIDDLE
from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.registry import load_autoencoders
from limner.storage.folders import Folders

PLACES = {
    "encoder.down_blocks": ("down", "block.0", "downsample", "block.0", "downsample", "block.0"),
    "decoder.up_blocks": ("up", *("block.0", "block.1", "upsample") * 2, "block.0", "block.1"),
}
"""What stands at each place of the lists, for two ways down with one block a level."""


def original(name):
    half, _, rest = name.partition(".")
    for old, new in MIDDLE.items():
        if rest.startswith(f"mid_block.{new}."):
            return f"{half}.mid.{old}.{rest.removeprefix(f'mid_block.{new}.')}"
    for place, (way, *members) in PLACES.items():
        if name.startswith(f"{place}."):
            number, last = name.removeprefix(f"{place}.").split(".", 1)
            level = sum(member.endswith("sample") for member in members[: int(number)])
            return f"{half}.{way}.{level}.{members[int(number)]}.{last}"
    return name


@pytest.fixture
def network():
    return randomised(autoencoder())


def layouts(network):
    state = network.state_dict()
    published = {f"vae.{original(name)}": tensor for name, tensor in state.items()}
    return {
        "diffusers": state,
        "later": {original(name): tensor for name, tensor in state.items()},
        "published": {name: t.unsqueeze(2) if t.ndim == 4 else t for name, t in published.items()},
    }


@pytest.mark.parametrize("name", ["diffusers", "later", "published"])
def test_each_layout(tmp_path, network, name):
    state = layouts(network)[name]
    shapes = Layout({key: tuple(tensor.shape) for key, tensor in state.items()})
    known = load_autoencoders().values()
    assert [kind.name for kind in known if kind.blueprint(shapes) is not None] == ["hunyuan_image"]
    path = tmp_path / "models" / "vae" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    save_file({key: tensor.contiguous().clone() for key, tensor in state.items()}, path)
    vae = ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",))).autoencoder(path.name)
    assert (vae.channels, vae.downscale) == (64, 4)
    pixels = torch.rand(2, 16, 24, 3, generator=torch.Generator().manual_seed(1))
    latent = vae.encode(pixels)
    with torch.no_grad():
        found = network.encode(pixels.movedim(-1, 1) * 2 - 1).latent_dist.mean
        shown = (network.decode(found).sample / 2 + 0.5).clamp(0, 1)
    torch.testing.assert_close(latent, found, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(vae.decode(latent), shown.movedim(1, -1), rtol=1e-4, atol=1e-4)
