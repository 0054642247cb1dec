import hashlib
import os

import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile


def test_safetensors(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.arange(6.0).reshape(2, 3)}, path)
    file = ModelFile.open(path)
    assert file.layout.shape("a") == (2, 3)
    assert file.parameters == 6
    assert torch.equal(file.read()["a"], torch.arange(6.0).reshape(2, 3))
    assert file.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin"])
def test_pickled(tmp_path, zipped, suffix):
    path = tmp_path / f"a{suffix}"
    content = {"state_dict": {"x.weight": torch.ones(2)}, "global_step": 3, "nested": {"y": torch.zeros(1)}}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    file = ModelFile.open(path)
    assert set(file.tensors) == {"x.weight", "nested.y"}
    assert torch.equal(file.read({"x.weight"})["x.weight"], torch.ones(2))


class Malicious:
    def __reduce__(self):
        return os.mkdir, ("run",)


def test_pickle_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"a": torch.ones(1)}, "callback": Malicious()}, tmp_path / "bad.ckpt")
    with pytest.raises(ModelFileError, match="run code"):
        ModelFile.open(tmp_path / "bad.ckpt")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("content", [b"", b"garbage" * 9, b"PK\x03\x04garbage"])
def test_damaged_pickle(tmp_path, content):
    path = tmp_path / "bad.pt"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"bad\.pt"):
        ModelFile.open(path)


def test_pickle_without_tensors(tmp_path):
    torch.save({"a": 1}, tmp_path / "a.pt")
    with pytest.raises(ModelFileError, match="no tensors"):
        ModelFile.open(tmp_path / "a.pt")


def test_missing_and_unknown(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be opened"):
        ModelFile.open(tmp_path / "none.safetensors")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ModelFileError, match="not read"):
        ModelFile.open(tmp_path / "a.txt")


def test_identity_changes_with_the_file(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.ones(1)}, path)
    first = ModelFile.open(path).identity
    save_file({"a": torch.ones(2)}, path)
    assert ModelFile.open(path).identity != first


WEIGHTS = {"a.weight": torch.ones(2), "b.weight": torch.zeros(1)}


@pytest.mark.parametrize(
    "content",
    [
        {"model": WEIGHTS, "optimizer": {"state": {"x": torch.ones(3)}}, "epoch": 3},
        {"state_dict": {f"module.{name}": tensor for name, tensor in WEIGHTS.items()}},
        {"model": {"state_dict": WEIGHTS}},
        {"model": {name: tensor + 5 for name, tensor in WEIGHTS.items()}, "ema": WEIGHTS},
        {"params": {name: tensor + 5 for name, tensor in WEIGHTS.items()}, "params_ema": WEIGHTS},
        {"state_dict": WEIGHTS, "model_ema": {name: tensor + 5 for name, tensor in WEIGHTS.items()}},
        {f"_orig_mod.{name}": tensor for name, tensor in WEIGHTS.items()},
        {f"module._orig_mod.{name}": torch.nn.Parameter(tensor) for name, tensor in WEIGHTS.items()},
    ],
)
def test_wrappers_of_trainers(tmp_path, content):
    path = tmp_path / "a.pt"
    torch.save(content, path)
    read = ModelFile.open(path).read()
    assert read.keys() == WEIGHTS.keys()
    assert all(torch.equal(read[name], tensor) for name, tensor in WEIGHTS.items())


def test_an_autoencoder_called_model_keeps_its_names(tmp_path):
    torch.save({"model.diffusion_model.x": torch.ones(1), "module.y": torch.ones(1)}, tmp_path / "a.pt")
    assert set(ModelFile.open(tmp_path / "a.pt").tensors) == {"model.diffusion_model.x", "module.y"}


def test_mappings_that_hold_themselves(tmp_path):
    inner = {"x": torch.ones(1)}
    inner["state_dict"] = inner["model"] = inner
    torch.save(inner, tmp_path / "a.pt")
    assert set(ModelFile.open(tmp_path / "a.pt").tensors) == {"x"}


def test_mappings_that_would_be_walked_for_ever(tmp_path):
    inner = {"x": torch.ones(1)}
    for _ in range(60):
        inner = {"left": inner, "right": inner}
    torch.save(inner, tmp_path / "a.pt")
    assert len(ModelFile.open(tmp_path / "a.pt").tensors) == 1
