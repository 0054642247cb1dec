"""Stable Cascade: its networks at their real sizes, stage A, what stage B is told."""

import pytest
import torch
from diffusers import StableCascadeUNet
from safetensors.torch import save_file
from tests.models.families import stable_cascade as tiny
from tests.models.families.case import randomised
from tests.models.text_files import clip

from limner.graph.errors import ModelFileError
from limner.models.autoencoders.cascade_encoder import CascadeEncoder
from limner.models.families.stable_cascade_b import PRIOR, STABLE_CASCADE_B
from limner.models.families.stable_cascade_c import STABLE_CASCADE_C
from limner.models.family import InputRequest
from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile
from limner.models.parts.cascade import cascade_configuration
from limner.models.parts.efficient_net import efficient_net
from limner.models.parts.unclip import PICTURES
from limner.models.registry import load_families
from limner.models.vision.encoder import SeenPicture
from limner.nodes.stable_cascade import stable_cascade_stage_b_conditioning, stable_cascade_stage_c_vae_encode
from limner.storage.folders import Folders

PLAIN, CROSSED = (
    ("SDCascadeResBlock", "SDCascadeTimestepBlock"),
    ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock"),
)
PUBLISHED = {
    "stable_cascade_c": {
        "clip_text_in_channels": 1280,
        "clip_image_in_channels": 768,
        "switch_level": (False,),
    },
    "stable_cascade_b": {
        "in_channels": 4,
        "out_channels": 4,
        "patch_size": 2,
        "conditioning_dim": 1280,
        "block_out_channels": (320, 576, 1152, 1152),
        "num_attention_heads": (-1, 9, 18, 18),
        "down_num_layers_per_block": (2, 4, 14, 4),
        "up_num_layers_per_block": (4, 14, 4, 2),
        "down_blocks_repeat_mappers": (1, 1, 1, 1),
        "up_blocks_repeat_mappers": (2, 2, 2, 2),
        "block_types_per_layer": (PLAIN, CROSSED, CROSSED, CROSSED),
        "effnet_in_channels": 16,
        "pixel_mapper_in_channels": 3,
        "dropout": 0.0,
        "timestep_conditioning_type": ("sca",),
    },
}


@pytest.mark.parametrize("family", PUBLISHED)
def test_networks_at_their_real_sizes(family):
    with torch.device("meta"):
        network = StableCascadeUNet(**PUBLISHED[family])
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    second = family.endswith("b")
    original = Layout(
        {name: tuple(tensor.shape) for name, tensor in tiny.original(network.state_dict(), second=second).items()}
    )
    assert any(name.endswith("attn.in_proj_weight") for name in original)
    for layout in (Layout(wanted), original):
        assert [known.name for known in load_families().values() if known.recognise(layout)] == [family]
        blueprint = load_families()[family].network(layout)
        with torch.device("meta"):
            built = blueprint.build()
        assert {name: tuple(tensor.shape) for name, tensor in built.state_dict().items()} == wanted
        assert blueprint.keys.keys() == wanted.keys()
        assert {name for source in blueprint.keys.values() for name in source.names} == set(layout)
    found = cascade_configuration(Layout(wanted), 2 if second else 1)
    same = ("num_attention_heads", "block_types_per_layer", "up_num_layers_per_block", "switch_level", "clip_seq")
    assert {name: found[name] for name in same} == {name: getattr(network.config, name) for name in same}


@pytest.mark.parametrize("prefix", ["", "vae."])
def test_stage_a_from_its_original_layout(tmp_path, prefix):
    network = randomised(tiny.stage_a())
    state = {
        prefix + name.replace("vquantizer.embedding", "vquantizer.codebook"): tensor.clone()
        for name, tensor in network.state_dict().items()
    }
    state |= {prefix + f"vquantizer.ema_{name}": torch.zeros(8) for name in ("element_count", "weight_sum")}
    path = tmp_path / "models" / "vae" / "stage_a.safetensors"
    path.parent.mkdir(parents=True)
    save_file(state, path)
    vae = ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",))).autoencoder(path.name)
    assert (vae.kind.name, vae.channels, vae.downscale) == ("paella", 4, 4)
    pixels = torch.rand(1, 16, 24, 3, generator=torch.Generator().manual_seed(1))
    latents = torch.randn(1, 4, 4, 6, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        encoded, decoded = network.encode(pixels.movedim(-1, 1)).latents, network.decode(latents).sample
    torch.testing.assert_close(vae.encode(pixels), encoded, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(vae.decode(latents), decoded.clamp(0, 1).movedim(1, -1), rtol=1e-4, atol=1e-4)


def asked(family, options, facts, size=(7, 10)):
    request = InputRequest(options, torch.zeros(1, 6, 24), torch.zeros(2, 4, *size), family.latent_format, facts)
    return family.inputs(request)


FIRST = {"clip_text_pooled_in_channels": 20, "clip_image_in_channels": 12}
SECOND = {"clip_text_pooled_in_channels": 20, "effnet_in_channels": 16}


def test_the_first_stage_is_told_pictures_one_after_another():
    assert not asked(STABLE_CASCADE_C, {}, FIRST)["seen"].any()
    seen = SeenPicture(torch.zeros(1, 1, 4), torch.zeros(1, 1, 4), torch.ones(1, 12))
    pictures = [{"clip_vision_output": seen, "strength": strength} for strength in (0.5, 2.0)]
    told = asked(STABLE_CASCADE_C, {PICTURES: pictures}, FIRST)["seen"]
    assert told[0, :, 0].tolist() == [0.5, 2.0]


def test_the_second_stage_is_told_each_samples_own_latent():
    latents = torch.stack([torch.full((16, 3, 4), value) for value in (1.0, 2.0)])
    conditioning = stable_cascade_stage_b_conditioning(
        conditioning=[[torch.zeros(1, 6, 24), {"pooled_output": torch.ones(1, 20)}]], stage_c={"samples": latents}
    )
    prior = conditioning[0][1][PRIOR]
    assert prior.rows == 2
    for number, value in enumerate((1.0, 2.0, 1.0)):
        told = asked(STABLE_CASCADE_B, {PRIOR: prior.row(number)}, SECOND)
        assert told["prior"].shape == (1, 16, 4, 5)  # as many as patches of two, the last of them filled up
        assert told["prior"].unique().tolist() == [value]
    nothing = asked(STABLE_CASCADE_B, {}, SECOND)
    assert not nothing["prior"].any()
    assert not nothing["pooled"].any()
    assert nothing["prior"].shape == (1, 16, 4, 5)


class TestEncoder:
    """Pictures as latents of stage C."""

    def test_the_backbone_is_as_large_as_the_papers(self):
        with torch.device("meta"):
            network = efficient_net()
        # 21.46 million weights, less those of a classifier of 1000 classes.
        assert sum(weight.numel() for weight in network.parameters()) == 21_458_488 - 1281 * 1000
        names = network.state_dict()
        assert names["1.0.block.0.0.weight"].shape == (24, 24, 3, 3)
        assert names["4.1.block.2.fc1.weight"].shape == (32, 512, 1, 1)
        assert names["5.0.block.2.fc1.weight"].shape == (32, 768, 1, 1)
        assert names["7.0.weight"].shape == (1280, 256, 1, 1)

    def test_pictures_become_latents_that_stage_b_is_shown(self, tmp_path):
        network = randomised(CascadeEncoder(16))
        path = tmp_path / "models" / "vae" / "effnet_encoder.safetensors"
        path.parent.mkdir(parents=True)
        save_file({name: tensor.clone() for name, tensor in network.state_dict().items()}, path)
        vae = ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",))).autoencoder(path.name)
        assert (vae.kind.name, vae.channels, vae.downscale) == ("cascade_encoder", 16, 32)
        image = torch.rand(2, 84, 130, 3, generator=torch.Generator().manual_seed(1))
        first, second = stable_cascade_stage_c_vae_encode(image=image, vae=vae, compression=42)
        assert first["samples"].shape == (2, 16, 2, 3)
        assert second["samples"].shape == (2, 4, 20, 32)
        pixels = torch.rand(1, 64, 64, 3, generator=torch.Generator().manual_seed(2))
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        with torch.no_grad():
            seen = network.mapper(network.backbone(((pixels - mean) / deviation).movedim(-1, 1)))
        torch.testing.assert_close(vae.encode(pixels), seen, rtol=1e-4, atol=1e-4)
        with pytest.raises(ModelFileError, match="only encodes"):
            vae.decode(first["samples"])


@pytest.mark.parametrize(
    ("place", "projection"),
    [
        ("text_encoder.", "text_encoder.text_projection.weight"),
        ("text_encoder.transformer.", "text_encoder.transformer.text_projection.weight"),
        ("text_encoder.transformer.", "text_encoder.text_projection"),
    ],
)
def test_the_text_encoder_of_a_checkpoint(tmp_path, place, projection):
    encoder = clip(64, 20, activation="gelu").state_dict()
    weight = encoder.pop("text_projection.weight")
    stored = weight if projection.endswith(".weight") else weight.T
    state = {
        **tiny.checkpoint(randomised(tiny.first_network()).state_dict()).state,
        **{place + name: tensor for name, tensor in encoder.items()},
        projection: stored,
    }
    found = ModelLibrary(Folders.under(tmp_path, model_roots=())).checkpoint_in(ModelFile.of(state)).clip
    ((context, options),) = found.encode("a red apple")
    assert context.shape == (1, 77, 64)
    assert options["pooled_output"].shape == (1, 20)
