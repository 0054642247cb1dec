"""Cosmos Predict 2: our key map is that of diffusers, and fills the network."""

import torch
from diffusers.loaders.single_file_utils import convert_cosmos_transformer_checkpoint_to_diffusers
from tests.models.families.cosmos import network, published

from limner.models.families.cosmos_predict2 import COSMOS_PREDICT2
from limner.models.load.layout import Layout


def test_key_map_is_that_of_diffusers():
    made = network(18)
    state = published(made.state_dict())
    layout = Layout({name: tuple(tensor.shape) for name, tensor in state.items()})
    assert COSMOS_PREDICT2.recognise(layout)
    blueprint = COSMOS_PREDICT2.network(layout)
    named = {name: torch.full((2,), float(number)) for number, name in enumerate(layout.shapes)}
    expected = convert_cosmos_transformer_checkpoint_to_diffusers(dict(named))
    ours = {name: named[source.names[0]] for name, source in blueprint.keys.items()}
    assert ours.keys() == expected.keys() == made.state_dict().keys()
    assert all(torch.equal(ours[name], tensor) for name, tensor in expected.items())


def test_relatives_with_other_inputs_are_not_taken_for_it():
    shapes = {name: tuple(tensor.shape) for name, tensor in network(18).state_dict().items()}
    assert COSMOS_PREDICT2.recognise(Layout(shapes))
    assert not COSMOS_PREDICT2.recognise(Layout(shapes | {"crossattn_proj.0.weight": (32, 64)}))
