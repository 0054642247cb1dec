import pytest
import torch

from limner.models.load.layout import Layout
from limner.models.parts.autoencoder_kl import autoencoder_blueprint


def filled(state):
    blueprint = autoencoder_blueprint(Layout({name: tuple(tensor.shape) for name, tensor in state.items()}))
    network = blueprint.build().eval()
    network.load_state_dict(
        {
            name: source.transform(state[source.names[0]]) if source.transform else state[source.names[0]]
            for name, source in blueprint.keys.items()
        }
    )
    return network


@pytest.fixture
def original(state):
    prefix = "first_stage_model."
    return {name: tensor for name, tensor in state.items() if name.startswith(prefix)}


def test_all_layouts_give_the_same_network(original):
    reference = filled(original)
    bare = {name.removeprefix("first_stage_model."): tensor for name, tensor in original.items()}
    newer = dict(reference.state_dict())
    older = {
        name.replace("to_q.", "query.")
        .replace("to_k.", "key.")
        .replace("to_v.", "value.")
        .replace("to_out.0.", "proj_attn."): tensor
        for name, tensor in newer.items()
    }
    for stored in (bare, newer, older, {f"vae.{name}": tensor for name, tensor in newer.items()}):
        assert all(torch.equal(newer[name], tensor) for name, tensor in filled(stored).state_dict().items())


def test_facts(original):
    blueprint = autoencoder_blueprint(Layout({name: tuple(tensor.shape) for name, tensor in original.items()}))
    assert blueprint.facts == {"latent_channels": 4, "downscale": 8, "in_channels": 3}


def test_none():
    assert autoencoder_blueprint(Layout({"a": (1,)})) is None
