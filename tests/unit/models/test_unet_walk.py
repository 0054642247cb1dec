"""A UNet run block by block gives what its own forward gives; residuals of controls land where they belong."""

import pytest
import torch
from diffusers import UNet2DConditionModel

from limner.models import unet_walk


@pytest.fixture(scope="module")
def network():
    """A tiny network of SDXL's kind: linear projections, two blocks deep, told a vector."""
    torch.manual_seed(0)
    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2),
        attention_head_dim=(2, 4),
        cross_attention_dim=16,
        use_linear_projection=True,
        norm_num_groups=8,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=12 + 6 * 8,
    ).eval()


@pytest.fixture(scope="module")
def inputs():
    generator = torch.Generator().manual_seed(1)

    def draw(*sides):
        return torch.randn(sides, generator=generator)

    return {"x": draw(2, 4, 10, 9), "timestep": torch.tensor([3.0, 700.0]), "context": draw(2, 7, 16)}, draw(2, 12)


@torch.no_grad()
def test_the_vector_of_sizes_counts(network, inputs):
    told, pooled = inputs
    sizes = torch.tensor([[64.0, 64, 0, 0, 64, 64], [80, 64, 8, 0, 64, 96]])
    expected = network(
        told["x"],
        told["timestep"],
        encoder_hidden_states=told["context"],
        added_cond_kwargs={"text_embeds": pooled, "time_ids": sizes},
        return_dict=False,
    )[0]
    vector = unet_walk.vector_of(network, pooled, sizes)
    assert vector.shape == (2, 60)
    assert torch.allclose(unet_walk.forward(network, **told, vector=vector, control=None, options={}), expected)


@torch.no_grad()
def test_residuals_land_on_the_skips(network, inputs):
    told, pooled = inputs
    vector = unet_walk.vector_of(network, pooled, torch.zeros(2, 6))
    names = []

    def seen(hidden, skip, options):
        names.append((options["block"], options["original_shape"]))
        return hidden, skip

    options = {"patches": {"output_block_patch": [seen]}}
    plain = unet_walk.forward(network, **told, vector=vector, control=None, options=options)
    assert names == [(("output", number), [2, 4, 10, 9]) for number in range(6)]
    control = {"output": [torch.ones(1, 1, 1, 1), None], "middle": [torch.ones(1, 1, 1, 1)]}
    changed = unet_walk.forward(network, **told, vector=vector, control=control, options={})
    assert not torch.allclose(changed, plain)
    assert len(control["output"]) == 2, "the control keeps its lists"


@torch.no_grad()
def test_depths_of_a_transformer_are_told_apart(network, inputs):
    told, pooled = inputs
    vector = unet_walk.vector_of(network, pooled, torch.zeros(2, 6))
    seen = []

    def attention(q, k, v, extra):
        seen.append((extra["block"], extra["block_index"], extra["transformer_index"], extra["dim_head"]))
        return q

    options = {"patches_replace": {"attn1": {("middle", 0, 1): attention, ("input", 4): attention}}}
    unet_walk.forward(network, **told, vector=vector, control=None, options=options)
    assert [(block, index) for block, index, _, _ in seen] == [
        (("input", 4), 0),
        (("input", 4), 1),
        (("middle", 0), 1),
    ]
    assert [place for _, _, place, _ in seen] == [0, 1, 5]
    assert {width for *_, width in seen} == {16}
