"""Stable Zero123's nodes: what the network is told of views; views and nothing in one pass; its vision encoder."""

import math
from types import SimpleNamespace

import pytest
import torch
from tests.models.families.case import Bench
from tests.models.families.zero123 import VIEW, WIDTH, ZERO123
from tests.unit.nodes.conftest import AveragingAutoencoder

from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile
from limner.models.saving import model_tensors
from limner.models.vision.blueprint import vision_blueprint
from limner.nodes.zero123 import stable_zero123_conditioning, stable_zero123_conditioning_batched


@pytest.fixture
def told():
    """What both nodes are given."""
    vector = torch.randn(1, WIDTH, generator=torch.Generator().manual_seed(2))
    return {
        "clip_vision": SimpleNamespace(encode=lambda image: SimpleNamespace(image_embeds=vector)),
        "init_image": torch.rand(1, 40, 64, 3, generator=torch.Generator().manual_seed(7)),
        "vae": AveragingAutoencoder(),
        "width": 64,
        "height": 64,
    }


def test_a_view_is_said_in_radians(told):
    positive, negative, latent = stable_zero123_conditioning(**told, elevation=30.0, azimuth=-90.0, batch_size=3)
    ((context, options),) = positive
    assert context.shape == (1, 1, WIDTH + VIEW)
    wanted = torch.tensor([-math.pi / 6, -1.0, 0.0, math.pi / 2])
    torch.testing.assert_close(context[0, 0, WIDTH:], wanted, rtol=0, atol=1e-6)
    assert latent["samples"].shape == (3, 4, 8, 8)
    assert options["concat_latent_image"].shape == (1, 4, 8, 8)
    ((nothing, empty),) = negative
    assert nothing.shape == (1, 1, WIDTH)
    assert not nothing.any()
    assert not empty["concat_latent_image"].any()


def test_a_batch_goes_round_the_object(told):
    positive, _, latent = stable_zero123_conditioning_batched(
        **told, azimuth=90.0, batch_size=3, azimuth_batch_increment=90.0, elevation_batch_increment=-10.0
    )
    context = positive[0][0]
    assert context.shape == (3, 1, WIDTH + VIEW)
    assert latent["batch_index"] == [0, 0, 0]
    torch.testing.assert_close(context[:, 0, WIDTH], torch.tensor([0.0, 10.0, 20.0]).deg2rad())
    turns = torch.tensor([90.0, 180.0, 270.0]).deg2rad()
    torch.testing.assert_close(context[:, 0, WIDTH + 1 : WIDTH + 3], torch.stack([turns.sin(), turns.cos()], dim=-1))


def test_views_and_nothing_share_a_pass(tmp_path):
    bench = Bench(ZERO123, tmp_path)
    model, (context, options) = bench.load("checkpoint"), bench.texts(1)[0]
    x, timestep = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([301.0])
    inputs = [model.inputs(options, context, x), model.inputs(options, torch.zeros(1, 1, WIDTH), x)]
    together = {name: torch.cat([each[name] for each in inputs]) for name in inputs[0]}
    both = model.predict(x.expand(2, -1, -1, -1), timestep.expand(2), together)
    alone = torch.cat([model.predict(x, timestep, each) for each in inputs])
    torch.testing.assert_close(both, alone, rtol=0, atol=1e-5)
    tensors = model_tensors(model)
    assert {"cc_projection.weight", "model.diffusion_model.out.2.weight"} <= tensors.keys()
    again = bench.library.checkpoint_in(ModelFile.of(tensors)).model
    assert torch.equal(again.predict(x, timestep, inputs[0]), model.predict(x, timestep, inputs[0]))


def test_the_vision_encoder_of_its_checkpoint_is_found():
    place = "cond_stage_model.model.visual."
    shapes = {
        "positional_embedding": (257, 1024),
        "conv1.weight": (1024, 3, 14, 14),
        "transformer.resblocks.0.attn.in_proj_weight": (3072, 1024),
        "transformer.resblocks.0.mlp.c_fc.weight": (4096, 1024),
        "proj": (1024, 768),
    }
    _, shape = vision_blueprint(Layout({place + name: size for name, size in shapes.items()}))
    assert (shape.size, shape.patch, shape.projection, shape.heads) == (224, 14, 768, 16)
