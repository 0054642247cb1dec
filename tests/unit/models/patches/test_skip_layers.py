"""A transformer without some blocks gives what the same transformer gives from which they were taken."""

import copy
import threading

import pytest
import torch
from diffusers import (
    AuraFlowTransformer2DModel,
    FluxTransformer2DModel,
    HunyuanVideoTransformer3DModel,
    LTXVideoTransformer3DModel,
    PixArtTransformer2DModel,
    QwenImageTransformer2DModel,
    SD3Transformer2DModel,
    WanTransformer3DModel,
)
from torch import nn

from limner.models.patches.patch import PATCHES, stepped_into, wrapped
from limner.models.patches.skip_layers import SkipLayers, given_back

DRAW = torch.Generator().manual_seed(3)


def draw(*sides):
    return torch.randn(sides, generator=DRAW)


def sd3():
    network = SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        num_layers=3,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=12,
        caption_projection_dim=16,
        pooled_projection_dim=10,
        pos_embed_max_size=8,
    )
    inputs = {"encoder_hidden_states": draw(2, 5, 12), "pooled_projections": draw(2, 10), "timestep": torch.ones(2)}
    return network, {"hidden_states": draw(2, 16, 8, 8), **inputs}


def flux():
    network = FluxTransformer2DModel(
        in_channels=4,
        num_layers=3,
        num_single_layers=3,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=12,
        pooled_projection_dim=10,
        axes_dims_rope=(2, 2, 4),
    )
    inputs = {"encoder_hidden_states": draw(2, 5, 12), "pooled_projections": draw(2, 10), "timestep": torch.ones(2)}
    ids = {"img_ids": draw(6, 3), "txt_ids": torch.zeros(5, 3)}
    return network, {"hidden_states": draw(2, 6, 4), **inputs, **ids}


def aura():
    network = AuraFlowTransformer2DModel(
        sample_size=8,
        in_channels=4,
        num_mmdit_layers=3,
        num_single_dit_layers=3,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=12,
        caption_projection_dim=16,
        pos_embed_max_size=16,
    )
    return network, {
        "hidden_states": draw(2, 4, 8, 8),
        "encoder_hidden_states": draw(2, 5, 12),
        "timestep": torch.ones(2),
    }


def wan():
    network = WanTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=4,
        out_channels=4,
        text_dim=12,
        freq_dim=16,
        ffn_dim=16,
        num_layers=3,
    )
    return network, {
        "hidden_states": draw(2, 4, 2, 4, 4),
        "encoder_hidden_states": draw(2, 5, 12),
        "timestep": torch.ones(2),
    }


def qwen():
    network = QwenImageTransformer2DModel(
        in_channels=4,
        out_channels=1,
        num_layers=3,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=12,
        axes_dims_rope=(2, 2, 4),
    )
    return network, {
        "hidden_states": draw(2, 6, 4),
        "encoder_hidden_states": draw(2, 5, 12),
        "encoder_hidden_states_mask": torch.ones(2, 5),
        "timestep": torch.ones(2),
        "img_shapes": [[(1, 2, 3)]] * 2,
    }


def hunyuan():
    network = HunyuanVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=10,
        num_layers=3,
        num_single_layers=3,
        num_refiner_layers=1,
        patch_size=1,
        patch_size_t=1,
        guidance_embeds=False,
        text_embed_dim=12,
        pooled_projection_dim=10,
        rope_axes_dim=(2, 4, 4),
    )
    return network, {
        "hidden_states": draw(2, 4, 1, 3, 4),
        "timestep": torch.ones(2),
        "encoder_hidden_states": draw(2, 5, 12),
        "encoder_attention_mask": torch.ones(2, 5),
        "pooled_projections": draw(2, 10),
    }


def ltx():
    network = LTXVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        num_layers=3,
        caption_channels=12,
    )
    return network, {
        "hidden_states": draw(2, 8, 4),
        "encoder_hidden_states": draw(2, 5, 12),
        "timestep": torch.ones(2),
        "encoder_attention_mask": torch.ones(2, 5),
        "num_frames": 2,
        "height": 2,
        "width": 2,
    }


def pixart():
    network = PixArtTransformer2DModel(
        num_attention_heads=2,
        attention_head_dim=8,
        in_channels=4,
        out_channels=8,
        num_layers=3,
        cross_attention_dim=16,
        sample_size=8,
        caption_channels=12,
        use_additional_conditions=False,
    )
    return network, {
        "hidden_states": draw(2, 4, 8, 8),
        "encoder_hidden_states": draw(2, 5, 12),
        "timestep": torch.ones(2),
    }


NETWORKS = [sd3, flux, aura, wan, qwen, hunyuan, ltx, pixart]
FIRST = {"aura": "joint_transformer_blocks", "wan": "blocks"}


def called(network, inputs):
    with torch.no_grad():
        return network(**inputs, return_dict=False)[0]


@pytest.mark.parametrize("make", NETWORKS, ids=lambda make: make.__name__)
def test_left_out_is_taken_out(make):
    torch.manual_seed(0)
    network, inputs = make()
    network.eval()
    with torch.no_grad():
        for parameter in network.parameters():  # tables of modulation start at zero, which would make blocks invisible
            parameter.add_(torch.randn_like(parameter) * 0.05)
    plain = called(network, inputs)
    less = copy.deepcopy(network)
    first = FIRST.get(make.__name__, "transformer_blocks")
    setattr(less, first, nn.ModuleList(block for number, block in enumerate(getattr(less, first)) if number != 1))
    singles = hasattr(network, "single_transformer_blocks")
    if singles:
        less.single_transformer_blocks = nn.ModuleList(list(less.single_transformer_blocks)[1:])
    expected = called(less, inputs)
    options = {PATCHES: (SkipLayers((1, 99), (0,)),)}
    with stepped_into(network, options):
        without = called(network, inputs)
    torch.testing.assert_close(without, expected, rtol=1e-4, atol=1e-5)
    assert float((without - plain).abs().max()) > 1e-4
    assert torch.equal(called(network, inputs), plain), "the network is as it was"


def test_blocks_say_what_they_give_back():
    orders = {make.__name__: given_back(next(iter(blocks_of(make()[0])))) for make in (sd3, hunyuan, wan)}
    assert orders == {
        "sd3": [("encoder_hidden_states", "hidden_states")],
        "hunyuan": [("hidden_states", "encoder_hidden_states")],
        "wan": [("hidden_states",)],
    }


def blocks_of(network):
    return getattr(network, "transformer_blocks", None) or network.blocks


def test_other_threads_get_the_module_itself():
    module = nn.Linear(2, 2)
    x = torch.ones(1, 2)
    plain, found = module(x), {}

    def elsewhere():
        found["other"] = module(x)

    with wrapped(module, lambda own, given: own(given) + 1):
        assert torch.equal(module(x), plain + 1)
        with wrapped(module, lambda own, given: own(given) * 2):
            assert torch.equal(module(x), (plain + 1) * 2)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert torch.equal(found["other"], plain)
    assert "forward" not in vars(module)
