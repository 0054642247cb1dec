import struct

import gguf
import numpy as np
import pytest

from limner.graph.errors import ModelFileError
from limner.storage.ggml_types_keys import GGML_TYPES
from limner.storage.gguf_header import read_gguf_fields, read_gguf_header


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(path, "flux")
    writer.add_array("tokenizer.ggml.tokens", [f"token {n}" for n in range(1000)])
    writer.add_array("tokenizer.ggml.scores", [float(n) for n in range(1000)])
    writer.add_array("shape", [3, 4, 5])
    writer.add_float32("scale", 1.5)
    writer.add_bool("yes", True)
    writer.add_tensor("a.weight", np.arange(6, dtype=np.float32).reshape(2, 3))
    rows = gguf.quants.quantize(np.ones((4, 64), np.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("b.weight", rows, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_table_of_types_equals_the_packages():
    for kind, sizes in gguf.GGML_QUANT_SIZES.items():
        if kind in GGML_TYPES:
            assert GGML_TYPES[kind][1:] == sizes


def test_tensors_and_fields(path):
    header = read_gguf_header(path)
    found = {name: (info.shape, info.dtype, info.bytes) for name, info in header.tensors.items()}
    assert found == {"a.weight": ((2, 3), "float32", 24), "b.weight": ((4, 64), "q8_0", 272)}
    place = header.tensors["a.weight"].begin
    assert path.read_bytes()[place : place + 24] == np.arange(6, dtype=np.float32).tobytes()
    assert header.fields == {"general.architecture": "flux", "shape": [3, 4, 5], "scale": 1.5, "yes": True}


def test_vocabularies_when_asked_for(path):
    fields = read_gguf_fields(path)
    assert fields["tokenizer.ggml.tokens"][999] == "token 999"
    assert fields["tokenizer.ggml.scores"][7] == 7.0


@pytest.mark.parametrize("length", [0, 3, 10, 30, 100, 14000, -40])
def test_cut_off(path, length):
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelFileError, match=r"model\.gguf"):
        read_gguf_header(path)


def text(value):
    return struct.pack("<Q", len(value)) + value


NO_FIELDS = b"GGUF" + struct.pack("<IQQ", 3, 1, 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "no GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "more than fit"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "more than fit"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(b"key") + struct.pack("<I", 77), "unknown type 77"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(b"k") + struct.pack("<IIQ", 9, 8, 1 << 50), "more than fit"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(b"k") + struct.pack("<IIQ", 9, 4, 1 << 62), "cut off"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 63), "cut off"),
        (NO_FIELDS + text(b"a") + struct.pack("<I", 1000), "1000 sides"),
        (NO_FIELDS + text(b"a") + struct.pack("<IQIQ", 1, 8, 99, 0), "unknown type 99"),
        (NO_FIELDS + text(b"a") + struct.pack("<IQIQ", 1, 8, 2, 0), "makes no sense"),
        (NO_FIELDS + text(b"a") + struct.pack("<IQQIQ", 2, 1 << 62, 1 << 62, 0, 0), "cut off"),
        (NO_FIELDS + text(b"a") + struct.pack("<IQIQ", 1, 1, 0, 1 << 62), "cut off"),
    ],
)
def test_says_what_is_wrong(tmp_path, content, said):
    path = tmp_path / "wrong.gguf"
    path.write_bytes(content + bytes(40))
    with pytest.raises(ModelFileError, match=said) as raised:
        read_gguf_header(path)
    assert "wrong.gguf" in str(raised.value)


def test_nested_lists_end_somewhere(tmp_path):
    nested = struct.pack("<IQ", 9, 1) * 1000
    path = tmp_path / "deep.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(b"k") + struct.pack("<I", 9) + nested)
    with pytest.raises(ModelFileError, match="unknown type 9"):
        read_gguf_header(path)


def test_names_must_differ(tmp_path):
    entry = text(b"a") + struct.pack("<IQIQ", 1, 1, 0, 0)
    path = tmp_path / "twice.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 2, 0) + entry * 2 + bytes(100))
    with pytest.raises(ModelFileError, match="makes no sense"):
        read_gguf_header(path)
