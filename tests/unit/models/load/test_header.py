import json

import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError
from limner.models.load.header import read_header


def write(path, header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.ones(2, 3), "b": torch.ones(4, dtype=torch.bfloat16)}, path, {"title": "x"})
    return path


def test_names_shapes_types_and_metadata(file):
    header = read_header(file)
    assert {name: (info.shape, info.dtype) for name, info in header.tensors.items()} == {
        "a": ((2, 3), "float32"),
        "b": ((4,), "bfloat16"),
    }
    assert header.metadata["title"] == "x"


def test_cut_off(file):
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(ModelFileError, match="cut off"):
        read_header(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"abc", "cut off"),
        (b"PK\x03\x04" + b"\0" * 100, "pickle"),
        (b"\x80\x02}q\x00" + b"\0" * 100, "pickle"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"\n <html>" + b" " * 60, "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
        (b'{"error": "not found"}', "JSON text"),
        (b"GGUF\x03\x00\x00\x00" + b"\xff" * 40, "GGUF"),
        (b"\xff" * 64, "header of"),
        ((1 << 40).to_bytes(8, "little") + b"{}", "header of"),
    ],
)
def test_says_what_a_wrong_file_is(tmp_path, content, said):
    path = tmp_path / "wrong.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=said) as raised:
        read_header(path)
    assert "wrong.safetensors" in str(raised.value)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        [],
        {"dtype": "F32", "shape": [2], "data_offsets": [0]},
        {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "F32", "shape": ["2"], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [1 << 62, 1 << 62], "data_offsets": [0, 8]},
    ],
)
def test_believes_no_inconsistent_entry(tmp_path, entry):
    with pytest.raises(ModelFileError, match="'a'"):
        read_header(write(tmp_path / "a.safetensors", {"a": entry}, bytes(64)))


@pytest.mark.parametrize("header", [b"nonsense", b"[]", b"\xff\xfe", b"[" * 60_000])
def test_header_must_be_an_object(tmp_path, header):
    with pytest.raises(ModelFileError):
        read_header(write(tmp_path / "a.safetensors", header))
