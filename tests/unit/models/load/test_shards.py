import json

import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile

NAMES = [f"model-{n:05}-of-00003.safetensors" for n in (1, 2, 3)]


@pytest.fixture
def folder(tmp_path):
    """Three files with a tensor each, and their index."""
    for n, name in enumerate(NAMES):
        save_file({f"layer.{n}.weight": torch.full((2, 2), float(n))}, tmp_path / name, {"format": "pt"})
    index = {"metadata": {}, "weight_map": {f"layer.{n}.weight": name for n, name in enumerate(NAMES)}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    return tmp_path


@pytest.mark.parametrize("name", ["model.safetensors.index.json", *NAMES])
def test_opened_from_the_index_or_any_shard(folder, name):
    file = ModelFile.open(folder / name)
    assert {tensor: value[0, 0].item() for tensor, value in file.read().items()} == {
        f"layer.{n}.weight": n for n in range(3)
    }
    assert [path.name for path in file.files] == NAMES
    assert file.metadata == {"format": "pt"}
    assert set(file.read({"layer.1.weight"})) == {"layer.1.weight"}
    assert file.identity == ModelFile.open(folder / NAMES[0]).identity
    assert len(file.sha256()) == 64


def test_a_change_of_one_shard_changes_the_identity(folder):
    before = ModelFile.open(folder / NAMES[0])
    save_file({"layer.2.weight": torch.zeros(4, 4)}, folder / NAMES[2])
    assert ModelFile.open(folder / NAMES[0]).identity != before.identity
    with pytest.raises(ModelFileError, match="changed after it was opened"):
        before.read()


@pytest.mark.parametrize("name", ["model.safetensors.index.json", NAMES[0]])
def test_missing_shards_are_named(folder, name):
    (folder / NAMES[1]).unlink()
    with pytest.raises(ModelFileError, match=f"1 of them are missing: {NAMES[1]}"):
        ModelFile.open(folder / name)


def test_pickled_shards(tmp_path):
    names = [f"pytorch_model-{n:05}-of-00002.bin" for n in (1, 2)]
    for n, name in enumerate(names):
        torch.save({f"a.{n}": torch.ones(1)}, tmp_path / name)
    assert set(ModelFile.open(tmp_path / names[1]).tensors) == {"a.0", "a.1"}


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ("nonsense", "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "no files"),
        ('{"weight_map": []}', "no files"),
        ('{"weight_map": {"a": "../../secret.safetensors"}}', "no file beside it"),
        ('{"weight_map": {"a": "/etc/passwd"}}', "no file beside it"),
        ('{"weight_map": {"a": 3}}', "missing: 3"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_an_index_that_makes_no_sense(tmp_path, index, said):
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(index)
    with pytest.raises(ModelFileError, match=said):
        ModelFile.open(path)


def test_a_number_alone_is_no_shard(tmp_path):
    save_file({"a": torch.ones(1)}, tmp_path / "model-00001-of-00001.safetensors")
    assert ModelFile.open(tmp_path / "model-00001-of-00001.safetensors").files


def test_absurd_counts_end_in_a_message(tmp_path):
    save_file({"a": torch.ones(1)}, tmp_path / "model-00001-of-99999.safetensors")
    with pytest.raises(ModelFileError, match="missing"):
        ModelFile.open(tmp_path / "model-00001-of-99999.safetensors")
