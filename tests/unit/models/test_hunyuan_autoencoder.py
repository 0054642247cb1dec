"""HunyuanVideo's autoencoder in both namings, against the network of diffusers, whole and in tiles."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.case import randomised
from tests.models.families.hunyuan_video import autoencoder

from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.memory.working_memory import WorkEstimate
from limner.models.parts.autoencoder_keys import MIDDLE
from limner.models.registry import load_autoencoders
from limner.storage.folders import Folders

LEVELS = 4


def like_stable_diffusion(name):
    """A name of the network as Stable Diffusion's autoencoder writes it."""
    side, _, rest = name.partition(".")
    for old, new in MIDDLE.items():
        if rest.startswith(new):
            return f"{side}.mid.{old}{rest.removeprefix(new)}"
    for old, new in (("conv_norm_out.", "norm_out."), ("conv_shortcut.", "nin_shortcut.")):
        rest = rest.replace(old, new)
    for way in ("down", "up"):
        if rest.startswith(f"{way}_blocks."):
            _, level, part, number, last = rest.split(".", 4)
            level = level if way == "down" else str(LEVELS - 1 - int(level))
            member = f"block.{number}" if part == "resnets" else part.removesuffix("rs")
            rest = f"{way}.{level}.{member}.{last}"
    return f"{side}.{rest}"


def as_convolution(name, tensor):
    """The linear layers of attention as that layout keeps them."""
    return tensor[..., None, None, None] if ".attn_1." in name and tensor.ndim == 2 else tensor


def opened(root, state):
    path = root / "models" / "vae" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, path)
    return ModelLibrary(Folders.under(root, model_roots=(root / "models",))).autoencoder(path.name)


@pytest.fixture
def network():
    made = randomised(autoencoder())
    made.use_framewise_encoding = made.use_framewise_decoding = False
    return made


def layouts(network):
    state = network.state_dict()
    other = {like_stable_diffusion(name): tensor for name, tensor in state.items()}
    other = {name: as_convolution(name, tensor) for name, tensor in other.items()}
    return {
        "published": state,
        "like stable diffusion": other,
        "checkpoint": {f"vae.{name}": tensor for name, tensor in other.items()},
    }


@pytest.mark.parametrize("name", ["published", "like stable diffusion", "checkpoint"])
def test_each_layout(tmp_path, network, name):
    state = layouts(network)[name]
    shapes = Layout({key: tuple(tensor.shape) for key, tensor in state.items()})
    known = load_autoencoders().values()
    assert [kind.name for kind in known if kind.blueprint(shapes) is not None] == ["hunyuan_video"]
    vae = opened(tmp_path, state)
    pixels = torch.rand(23, 32, 48, 3, generator=torch.Generator().manual_seed(1))
    latent = vae.encode(pixels)
    assert latent.shape == (1, 16, 6, 4, 6)
    with torch.no_grad():
        found = network.encode(pixels[:21].movedim(-1, 0)[None] * 2 - 1).latent_dist.mean
        shown = (network.decode(found).sample / 2 + 0.5).clamp(0, 1)
    torch.testing.assert_close(latent, found, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(vae.decode(latent), shown[0].movedim(0, -1), rtol=1e-4, atol=1e-4)


def test_stills(tmp_path, network):
    vae = opened(tmp_path, network.state_dict())
    latent = torch.randn(2, 16, 4, 6, generator=torch.Generator().manual_seed(1))
    assert vae.decode(latent).shape == (2, 32, 48, 3)
    torch.testing.assert_close(vae.decode(latent), vae.decode(latent.unsqueeze(2)))


def test_attention_needs_no_memory_for_pairs_of_places(network):
    shapes = Layout({key: tuple(tensor.shape) for key, tensor in network.state_dict().items()})
    blueprint = load_autoencoders()["hunyuan_video"].blueprint(shapes)
    assert blueprint is not None
    estimate = WorkEstimate(blueprint.build, torch.float32)
    side, frames = 32, 25
    taken = estimate.bytes("decoder", [torch.empty(1, 16, frames, side, side, device="meta")], {})
    assert 0 < taken < (frames * side * side) ** 2 * 4


def test_tiles(tmp_path, network):
    vae = opened(tmp_path, network.state_dict())
    latent = torch.randn(1, 16, 3, 6, 5, generator=torch.Generator().manual_seed(1))
    whole = vae.decode(latent)
    assert vae.decode_tiled(latent, tile=32, overlap=8, frames=8, frame_overlap=4).shape == whole.shape
    torch.testing.assert_close(vae.decode_tiled(latent, tile=512), whole, rtol=1e-4, atol=1e-4)
    assert vae.encode_tiled(whole, tile=32, overlap=8, frames=8, frame_overlap=4).shape == latent.shape
