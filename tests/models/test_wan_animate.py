"""Wan 2.2 Animate at its real number of parts: our key map is that of diffusers, and fills the network."""

import torch
from diffusers import WanAnimateTransformer3DModel
from diffusers.loaders.single_file_utils import convert_wan_transformer_to_diffusers
from tests.models.families.wan_control import published

from limner.models.families.wan21 import WAN21
from limner.models.load.layout import Layout


def test_key_map_is_that_of_diffusers():
    with torch.device("meta"):
        network = WanAnimateTransformer3DModel(
            num_attention_heads=1, num_layers=10, text_dim=8, ffn_dim=8, image_dim=8, added_kv_proj_dim=128
        )
        state = published(network.state_dict())
    layout = Layout({name: tuple(tensor.shape) for name, tensor in state.items()})
    assert WAN21.recognise(layout)
    blueprint = WAN21.network(layout)
    with torch.device("meta"):
        built = blueprint.build()
        expected = convert_wan_transformer_to_diffusers(dict(state))
    shapes = {name: source.shape or layout.shape(source.names[0]) for name, source in blueprint.keys.items()}
    assert shapes == {name: tuple(weight.shape) for name, weight in built.state_dict().items()}
    assert shapes == {name: tuple(weight.shape) for name, weight in expected.items() if not name.endswith(".kernel")}
    told = ("motion_encoder_size", "motion_dim", "face_encoder_num_heads", "inject_face_latents_blocks", "in_channels")
    assert [built.config[name] for name in told] == [network.config[name] for name in told] == [512, 20, 4, 5, 36]
