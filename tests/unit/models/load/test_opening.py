"""Files are opened by what they begin with, whatever their names say."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.unit.models.load.gguf_writing import write_gguf

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile
from limner.models.load.opening import KNOWN

SUFFIXES = (".safetensors", ".gguf", ".ckpt", ".pt", ".bin", "", ".download")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", ["safetensors", "gguf", "zip", "pickle"])
def test_wrong_names_do_not_matter(tmp_path, kind, suffix):
    path = tmp_path / f"model{suffix}"
    if kind == "safetensors":
        save_file({"a": torch.ones(2)}, path)
    elif kind == "gguf":
        write_gguf(tmp_path / "written.gguf", {"a": np.ones(2)}).rename(path)
    else:
        torch.save({"a": torch.ones(2)}, path, _use_new_zipfile_serialization=kind == "zip")
    assert torch.equal(ModelFile.open(path).read()["a"], torch.ones(2))


@pytest.mark.parametrize("suffix", KNOWN)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
        (b"\n\n<html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b'{"error": "not found"}', "JSON text"),
        (b"\xff" * 80, "."),
        (b"x", "."),
    ],
)
def test_says_what_a_wrong_file_is(tmp_path, suffix, content, said):
    path = tmp_path / f"wrong{suffix}"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=said) as raised:
        ModelFile.open(path)
    assert path.name in str(raised.value)


def test_unknown_kinds_are_named(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x07\x12" * 30)
    with pytest.raises(ModelFileError, match=r"model\.onnx: files of this kind are not read.*\.gguf"):
        ModelFile.open(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".gguf", ".pt"])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_cut_off(tmp_path, suffix, kept):
    path = tmp_path / f"a{suffix}"
    if suffix == ".gguf":
        write_gguf(path, {"a": np.ones((8, 32))})
    elif suffix == ".pt":
        torch.save({"a": torch.ones(8, 32)}, path)
    else:
        save_file({"a": torch.ones(8, 32)}, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(ModelFileError, match=rf"a\{suffix}"):
        ModelFile.open(path)


def test_tensors_that_do_not_lie_straight(tmp_path):
    """The first writers of safetensors files did not align the data."""
    header = (
        b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
    )
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\x07" + np.array([1.5, 2.5], "<f4").tobytes())
    read = ModelFile.open(path).read()
    assert read["a"].tolist() == [1.5, 2.5]
    assert read["b"].tolist() == [7]


def test_tensors_without_values(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.ones(0, 4), "b": torch.tensor(2.0)}, path)
    read = ModelFile.open(path).read()
    assert read["a"].shape == (0, 4)
    assert read["b"].item() == 2
    assert ModelFile.open(path).read({"a"})["a"].shape == (0, 4)


def test_a_file_that_changes_is_told(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.ones(100)}, path)
    file = ModelFile.open(path)
    save_file({"a": torch.ones(50)}, path)
    with pytest.raises(ModelFileError, match=r"a\.safetensors changed"):
        file.read()
    path.unlink()
    with pytest.raises(ModelFileError, match=r"a\.safetensors cannot be read"):
        file.read()


def test_pages_given_back_are_read_again(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.arange(5000.0)}, path)
    reading = ModelFile.open(path).reading()
    assert reading.tensors["a"].sum() == 12_497_500
    reading.drop("a")
    assert reading.tensors["a"].sum() == 12_497_500
