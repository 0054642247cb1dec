"""What is saved is loaded again as it was, bit for bit."""

import pytest
import torch

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile
from limner.models.merging import Mix, merged, scaled
from limner.models.saving import (
    autoencoder_tensors,
    checkpoint_text_tensors,
    model_tensors,
    stored_tensors,
    text_tensors,
)

ROWS = "cond_stage_model.transformer.text_model.embeddings.token_embedding.rows"


def _whole(checkpoint):
    tensors = model_tensors(checkpoint.model) | checkpoint_text_tensors(checkpoint.clip)
    return tensors | autoencoder_tensors(checkpoint.vae, "first_stage_model.")


def _assert_same(first, second):
    with first.lease() as one, second.lease() as two:
        weights = dict(two.named_parameters())
        for name, weight in one.named_parameters():
            assert torch.equal(weight, weights[name]), name


def test_an_unchanged_checkpoint_is_stored_as_it_came(tiny, state):
    tensors = _whole(tiny)
    assert tensors.keys() == state.keys()
    assert all(torch.equal(tensors[name], state[name]) for name in state)


def test_changed_weights_come_back_bit_for_bit(library, tiny):
    def change(network):
        return merged(network, network, lambda name: Mix(0.3, 0.5), "test")

    model = tiny.model.with_network(change(tiny.model.network))
    clip = tiny.clip.with_networks(lambda branch: change(branch.network))
    tensors = model_tensors(model) | checkpoint_text_tensors(clip)
    assert ROWS not in tensors  # the vocabulary is whole now
    tensors |= autoencoder_tensors(tiny.vae, "first_stage_model.")
    again = library.checkpoint_in(ModelFile.of(tensors))
    assert again.family.name == tiny.family.name
    _assert_same(model.network, again.model.network)
    _assert_same(clip.branches[0].network, again.clip.branches[0].network)
    _assert_same(tiny.vae.network, again.vae.network)


def test_weights_that_were_turned_or_cut_go_back_into_their_tensor(tiny):
    network = tiny.vae.network
    name = next(name for name, source in network.blueprint.keys.items() if source.transform)
    [stored] = network.blueprint.keys[name].names
    plain, changed = network.file.read()[stored], stored_tensors(scaled(network, {name: 2.0}, "test"))[stored]
    assert changed.shape == plain.shape
    assert torch.equal(changed, plain * 2)


def test_parts_in_files_of_their_own_load(library, tiny):
    vae = library.autoencoder_in(ModelFile.of(autoencoder_tensors(tiny.vae)))
    _assert_same(tiny.vae.network, vae.network)
    alone = text_tensors(tiny.clip.branches[0])
    assert all(name.startswith("text_model.") for name in alone)
    clip = library.text_encoder_in([ModelFile.of(alone)])
    _assert_same(tiny.clip.branches[0].network, clip.branches[0].network)
    with pytest.raises(ModelFileError, match="CLIPSave"):
        checkpoint_text_tensors(clip)
