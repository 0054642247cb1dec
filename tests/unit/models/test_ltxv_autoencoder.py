"""LTX-Video's autoencoders from both layouts, against the network of diffusers."""

import pytest
import torch
from diffusers import AutoencoderKLLTXVideo
from diffusers.loaders.single_file_utils import convert_ltx_vae_checkpoint_to_diffusers
from safetensors.torch import save_file
from tests.models.families.case import randomised

from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.registry import find_autoencoder, load_autoencoders
from limner.storage.folders import Folders

CHANNELS = 16
OLD_ENCODER = {
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
OLD_DECODER = {
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
}
LATE_ENCODER = {
    "encoder.mid_block": "encoder.down_blocks.8",
    **{f"encoder.down_blocks.{level}": f"encoder.down_blocks.{2 * level}" for level in range(4)},
    **{f"encoder.down_blocks.{level}.downsamplers.0": f"encoder.down_blocks.{2 * level + 1}" for level in range(4)},
}
LATE_DECODER = {
    "decoder.mid_block": "decoder.up_blocks.0",
    **{f"decoder.up_blocks.{level}": f"decoder.up_blocks.{2 * level + 2}" for level in range(3)},
    **{f"decoder.up_blocks.{level}.upsamplers.0": f"decoder.up_blocks.{2 * level + 1}" for level in range(3)},
    "decoder.time_embedder": "decoder.last_time_embedder",
    "decoder.scale_shift_table": "decoder.last_scale_shift_table",
}
PLACES = {
    "0.9.0": OLD_ENCODER | OLD_DECODER,
    "0.9.1": OLD_ENCODER | LATE_DECODER,
    "0.9.5": LATE_ENCODER | LATE_DECODER,
}
PARTS = {"conv_shortcut.conv": "conv_shortcut", "resnets": "res_blocks", "norm3.": "norm3.norm."}
STATISTICS = {"latents_mean": "mean-of-means", "latents_std": "std-of-means"}

TIMED_DECODER = {
    "decoder_block_out_channels": (256, 512, 1024),
    "decoder_spatio_temporal_scaling": (True,) * 3,
    "upsample_residual": (True,) * 3,
    "upsample_factor": (2,) * 3,
    "timestep_conditioning": True,
}
PUBLISHED = {
    "0.9.0": {},
    "0.9.1": TIMED_DECODER
    | {"decoder_layers_per_block": (5, 6, 7, 8), "decoder_inject_noise": (True, True, True, False)},
    "0.9.5": TIMED_DECODER
    | {
        "block_out_channels": (128, 256, 512, 1024, 2048),
        "down_block_types": ("LTXVideo095DownBlock3D",) * 4,
        "layers_per_block": (4, 6, 6, 2, 2),
        "decoder_layers_per_block": (5, 5, 5, 5),
        "spatio_temporal_scaling": (True,) * 4,
        "decoder_inject_noise": (False,) * 4,
        "downsample_type": ("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        "spatial_compression_ratio": 32,
        "temporal_compression_ratio": 8,
    },
}
"""As they were published; 0.9.7 has that of 0.9.5."""

TINY = {
    "0.9.0": {
        "block_out_channels": (8, 16, 32, 32),
        "layers_per_block": (2, 1, 1, 1, 2),
        "decoder_block_out_channels": (8, 16, 32, 32),
        "decoder_layers_per_block": (1, 2, 1, 1, 2),
    },
    "0.9.1": PUBLISHED["0.9.1"]
    | {
        "block_out_channels": (8, 16, 32, 32),
        "layers_per_block": (1, 2, 1, 1, 1),
        "decoder_block_out_channels": (8, 16, 32),
        "decoder_layers_per_block": (1, 1, 2, 1),
    },
    "0.9.5": PUBLISHED["0.9.5"]
    | {
        "block_out_channels": (8, 16, 16, 32, 64),
        "layers_per_block": (1, 2, 1, 1, 1),
        "decoder_block_out_channels": (8, 16, 32),
        "decoder_layers_per_block": (1, 1, 2, 1),
    },
}


def original(version, name):
    if name in STATISTICS:
        return f"per_channel_statistics.{STATISTICS[name]}"
    places = PLACES[version]
    place = max((place for place in places if name == place or name.startswith(f"{place}.")), key=len, default=None)
    moved = name if place is None else places[place] + name.removeprefix(place)
    for new, old in PARTS.items():
        moved = moved.replace(new, old)
    return moved


def tiny(version):
    made = randomised(AutoencoderKLLTXVideo(latent_channels=CHANNELS, **TINY[version]))
    made.latents_std.copy_(made.latents_std.abs() + 0.5)
    return made


def stored(version, network, layout):
    if layout == "diffusers":
        return {name: tensor.clone() for name, tensor in network.state_dict().items()}
    prefix = "vae." if layout == "checkpoint" else ""
    state = {prefix + original(version, name): tensor.clone() for name, tensor in network.state_dict().items()}
    return state | {f"{prefix}per_channel_statistics.channel": torch.zeros(CHANNELS)}


def opened(root, state):
    path = root / "models" / "vae" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    save_file(state, path)
    return ModelLibrary(Folders.under(root, model_roots=(root / "models",))).autoencoder(path.name)


@pytest.fixture
def noise(monkeypatch):
    """Noise by its shape only, so that ours and diffusers' networks are given the same."""
    draw = torch.randn

    def drawn(*shape, generator=None, **options):
        sides = shape[0] if isinstance(shape[0], (tuple, list)) else shape
        return draw(tuple(sides), generator=torch.Generator().manual_seed(len(sides)))

    monkeypatch.setattr(torch, "randn", drawn)
    return drawn


def expected(network, latents, noise):
    """What the pipelines decode."""
    if not network.config.timestep_conditioning:
        return network.decode(latents).sample
    return network.decode(0.975 * latents + 0.025 * noise(latents.shape), torch.tensor([0.05])).sample


@pytest.mark.parametrize("version", TINY)
@pytest.mark.parametrize("layout", ["original", "checkpoint", "diffusers"])
def test_videos_become_what_diffusers_makes_of_them(tmp_path, noise, version, layout):
    network = tiny(version)
    vae = opened(tmp_path, stored(version, network, layout))
    assert (vae.channels, vae.downscale, vae.kind.name) == (CHANNELS, 32, "ltxv")
    pixels = torch.rand(11, 64, 32, 3)
    latent = vae.encode(pixels)
    assert latent.shape == (1, CHANNELS, 2, 2, 1)
    mean, deviation = (value.reshape(1, -1, 1, 1, 1) for value in (network.latents_mean, network.latents_std))
    with torch.no_grad():
        found = network.encode(pixels[:9].movedim(-1, 0)[None] * 2 - 1).latent_dist.mean
        torch.testing.assert_close(latent * deviation + mean, found, rtol=1e-4, atol=1e-4)
        shown = (expected(network, found, noise) / 2 + 0.5).clamp(0, 1)
    torch.testing.assert_close(vae.decode(latent), shown[0].movedim(0, -1), rtol=1e-4, atol=1e-4)


def test_noise_comes_from_fixed_seeds(tmp_path):
    vae = opened(tmp_path, stored("0.9.1", tiny("0.9.1"), "original"))
    latent = torch.randn(1, CHANNELS, 2, 1, 1, generator=torch.Generator().manual_seed(1))
    first, before = vae.decode(latent), torch.get_rng_state()
    assert torch.equal(vae.decode(latent), first)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("version", PUBLISHED)
def test_names_are_those_of_diffusers_at_real_size(version):
    with torch.device("meta"):
        network = AutoencoderKLLTXVideo(**PUBLISHED[version])
    state = {original(version, name): tensor for name, tensor in network.state_dict().items()}
    layout = Layout({"vae." + name: tuple(tensor.shape) for name, tensor in state.items()})
    found = find_autoencoder(layout, load_autoencoders())
    assert found is not None
    kind, blueprint = found
    assert kind.name == "ltxv"
    theirs = convert_ltx_vae_checkpoint_to_diffusers({"vae." + name: tensor for name, tensor in state.items()})
    assert {name: source.names[0] for name, source in blueprint.keys.items()} == {
        name: next("vae." + old for old, other in state.items() if other is tensor) for name, tensor in theirs.items()
    }
    with torch.device("meta"):
        built = blueprint.build()
    arguments = [name for name in PUBLISHED["0.9.5"] if "ratio" not in name]
    assert [built.config[name] for name in arguments] == [network.config[name] for name in arguments]


def test_the_network_of_ltx_2_is_another():
    with torch.device("meta"):
        network = AutoencoderKLLTXVideo(**(TINY["0.9.5"] | {"timestep_conditioning": False}))
    layout = Layout({name: tuple(tensor.shape) for name, tensor in network.state_dict().items()})
    assert find_autoencoder(layout, load_autoencoders()) is None
