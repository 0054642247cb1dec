"""Hypernetworks: their files, and what they make of keys and values."""

import pytest
import torch
from torch import nn

from limner.graph.errors import ModelFileError
from limner.models.patches.hypernetwork import ACTIVATIONS, read_hypernetwork
from limner.models.patches.patch import Hooks

WIDTH = 8


def written(path, activation="relu", *, norm=False, last=False, old=False, dropout=False):
    """A file, and its two networks as torch has them."""
    torch.manual_seed(1)
    networks = []
    for _ in range(2):
        modules = [nn.Linear(WIDTH, 2 * WIDTH), *([nn.ReLU()] if activation == "relu" else [])]
        modules += [nn.LayerNorm(2 * WIDTH)] if norm else []
        modules += [nn.Dropout(0.3)] if dropout else []
        modules += [
            nn.Linear(2 * WIDTH, WIDTH),
            *([nn.ReLU()] if last else []),
            *([nn.LayerNorm(WIDTH)] if norm else []),
        ]
        networks.append(nn.Sequential(*modules).eval())
    names = {"0": "linear1", "1": "linear2"}
    states = []
    for network in networks:
        state = network.state_dict()
        short = {f"{names[key[0]]}{key[1:]}": value for key, value in state.items()} if old else None
        states.append(short or {f"linear.{key}": value for key, value in state.items()})
    facts = {} if old else {"activation_func": activation, "is_layer_norm": norm, "activate_output": last}
    torch.save({WIDTH: tuple(states), "name": "tiny", "step": 3, **facts}, path)
    return networks


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"norm": True},
        {"last": True},
        {"norm": True, "last": True},
        {"activation": "linear", "old": True},
        {"norm": True, "dropout": True},
    ],
    ids=str,
)
def test_keys_and_values_get_what_the_networks_add(tmp_path, options):
    path = tmp_path / "tiny.pt"
    first, second = written(path, **options)
    hooks = Hooks()
    read_hypernetwork(path, 0.5).into(hooks, None)
    query, text = torch.randn(1, 4, 16), torch.randn(1, 3, WIDTH)
    for kind in ("attn1_patch", "attn2_patch"):
        (change,) = hooks.patches[kind]
        same, key, value = change(query, text, text, {})
        assert same is query
        torch.testing.assert_close(key, text + 0.5 * first(text))
        torch.testing.assert_close(value, text + 0.5 * second(text))
        assert change(query, query, query, {}) == (query, query, query)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"linear", "swish"}))
def test_activations_are_those_of_torch(name):
    [known] = [kind for kind in vars(nn.modules.activation).values() if getattr(kind, "__name__", "").lower() == name]
    x = torch.linspace(-3, 3, 25)
    torch.testing.assert_close(ACTIVATIONS[name](x), known()(x))


def test_equal_files_at_equal_strengths_are_one_patch(tmp_path):
    path = tmp_path / "tiny.pt"
    written(path)
    assert hash(read_hypernetwork(path, 1.0)) == hash(read_hypernetwork(path, 1.0))
    assert read_hypernetwork(path, 1.0) != read_hypernetwork(path, 0.5)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "tiny.pt"
    torch.save({"weight": torch.zeros(2)}, path)
    with pytest.raises(ModelFileError, match="no hypernetwork"):
        read_hypernetwork(path, 1.0)
    torch.save({WIDTH: ({"linear.0.weight": torch.zeros(8, 8)},) * 2, "activation_func": "odd"}, path)
    with pytest.raises(ModelFileError, match="odd"):
        read_hypernetwork(path, 1.0)
