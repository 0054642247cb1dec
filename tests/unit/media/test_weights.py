"""Weights are written whole under going-on names, or not at all."""

import pytest
import torch
from safetensors.torch import load_file

from limner.graph.errors import StorageError
from limner.media.series import Series
from limner.media.weights import save_weights

TENSORS = {"a": torch.arange(6.0).reshape(2, 3).t(), "empty": torch.tensor([])}


def test_tensors_come_back(tmp_path):
    folder = tmp_path / "checkpoints"
    names = [save_weights(Series(folder, "x"), TENSORS, {"prompt": "{}"}) for _ in range(2)]
    assert names == ["x_00001_.safetensors", "x_00002_.safetensors"]
    assert torch.equal(load_file(folder / names[0])["a"], TENSORS["a"])
    assert sorted(path.name for path in folder.iterdir()) == names


def test_a_name_that_was_taken_meanwhile_is_left_alone(tmp_path):
    series = Series(tmp_path, "x")
    (tmp_path / "x_00001_.safetensors").write_text("mine")
    assert save_weights(series, TENSORS, {}) == "x_00002_.safetensors"
    assert (tmp_path / "x_00001_.safetensors").read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    series = Series(tmp_path / "folder", "x")
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(StorageError, match="could not be saved"):
        save_weights(series, TENSORS, {})
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
