"""Merged networks hold the sums that were asked for, weight by weight."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.load.model_file import ModelFile
from limner.models.merging import Mix, by_longest_prefix, merged, original_name, scaled, weight_of

FIRST, LAST = "conv_in.weight", "conv_out.weight"


@pytest.fixture
def other(library, state):
    return library.checkpoint_in(ModelFile.of({name: _half(tensor) for name, tensor in state.items()}))


def _half(tensor):
    return tensor * 0.5 if tensor.is_floating_point() else tensor


def _weight(network, name):
    with network.lease() as loaded:
        return dict(loaded.named_parameters())[name].clone()


def test_a_merge_is_the_weighted_sum_of_both(tiny, other):
    network = merged(tiny.model.network, other.model.network, lambda name: Mix(0.25, 0.75), "quarter")
    plain, mixed = _weight(tiny.model.network, FIRST), _weight(network, FIRST)
    assert torch.allclose(mixed, 0.25 * plain + 0.75 * plain * 0.5)
    assert torch.equal(_weight(tiny.model.network, FIRST), plain)
    assert network.key != tiny.model.network.key


def test_shares_follow_the_names_of_the_original_layout(tiny, other):
    look = by_longest_prefix({"time_embed.": 1.0, "input_blocks.": 0.0, "input_blocks.0.": 0.5, "out.": 1.0})
    network = merged(
        tiny.model.network, other.model.network, lambda name: Mix(look(name), 1 - look(name)), tuple("blocks")
    )
    plain = _weight(tiny.model.network, FIRST)
    assert original_name(network, FIRST) == "input_blocks.0.0.weight"
    assert torch.allclose(_weight(network, FIRST), 0.75 * plain)
    assert LAST not in network.changes
    assert look("middle_block.0.weight") == 1.0


def test_a_merge_takes_the_other_as_its_adapters_left_it(tiny, other):
    scaled_other = scaled(other.model.network, {FIRST: 4.0}, "test")
    network = merged(tiny.model.network, scaled_other, lambda name: Mix(0.0, 1.0), "second")
    assert torch.allclose(_weight(network, FIRST), _weight(tiny.model.network, FIRST) * 2)
    again = merged(network, network, lambda name: Mix(1.0, -1.0), "nothing")
    assert not weight_of(again, FIRST).any()


def test_a_weight_is_read_as_the_network_has_it(tiny):
    for network in (tiny.model.network, tiny.clip.branches[0].network, tiny.vae.network):
        with network.lease() as loaded:
            for name, weight in loaded.named_parameters():
                assert torch.equal(weight_of(network, name), weight)


def test_networks_of_different_kinds_do_not_merge(tiny):
    with pytest.raises(NumericsError, match="built differently"):
        merged(tiny.model.network, tiny.clip.branches[0].network, lambda name: Mix(0.5, 0.5), "half")


def test_a_weight_of_another_shape_stays(library, tiny, state, caplog):
    name = "model.diffusion_model.input_blocks.0.0.weight"
    wide = {**state, name: torch.zeros(state[name].shape[0], 9, 3, 3)}
    inpainting = library.checkpoint_in(ModelFile.of(wide))
    network = merged(tiny.model.network, inpainting.model.network, lambda name: Mix(0.5, 0.5), "half")
    assert torch.equal(_weight(network, FIRST), _weight(tiny.model.network, FIRST))
    assert FIRST in caplog.text


def test_a_factor_of_one_changes_nothing(tiny):
    assert scaled(tiny.model.network, {FIRST: 1.0}, "test") is tiny.model.network
