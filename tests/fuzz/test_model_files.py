"""Damaged model files: whatever the bytes, a file is read, or a ModelFileError names it; fast, in little memory.

Good files of every kind are damaged where it hurts (lengths, counts, offsets, names) and where it does not.
``make fuzz`` sets LIMNER_FUZZ and so takes more of them.
"""

from __future__ import annotations

import json
import os
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.fuzz.sending import resident
from tests.unit.models.load.gguf_writing import write_gguf

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile

FILES = int(os.environ.get("LIMNER_FUZZ", "400")) // 4
"""Damaged files of each kind."""

SECONDS = 5.0
"""That one file may take on a busy machine; it takes milliseconds."""

GROWTH = 200 << 20
"""Bytes that memory may grow in all."""

LARGE = (0xFF, 0x7F, 0x80, 0x00, 0x01)


def safetensors(path: Path) -> None:
    weights = {"a.weight": torch.randn(8, 8).to(torch.float8_e4m3fn), "a.scale_weight": torch.ones(1)}
    save_file({**weights, "b": torch.ones(4), "scaled_fp8": torch.zeros(2)}, path, {"title": "x"})


def four_bits(path: Path) -> None:
    state = json.dumps({"shape": [8, 64], "blocksize": 64, "nested_blocksize": 256, "nested_offset": 0.5}).encode()
    tensors = {
        "a.weight": torch.zeros(256, 1, dtype=torch.uint8),
        "a.weight.absmax": torch.zeros(8, dtype=torch.uint8),
        "a.weight.quant_map": torch.linspace(-1, 1, 16),
        "a.weight.nested_absmax": torch.ones(1),
        "a.weight.nested_quant_map": torch.linspace(-1, 1, 256),
        "a.weight.quant_state.bitsandbytes__nf4": torch.tensor(list(state), dtype=torch.uint8),
    }
    save_file(tensors, path)


def gguf(path: Path) -> None:
    fields = {"tokenizer.ggml.tokens": ["a", "b", "c"] * 30, "comfy.gguf.orig_shape.w.weight": [4, 8, 2, 4]}
    write_gguf(path, {"w.weight": np.ones((4, 64)), "norm.scale": np.ones(5)}, "flux", "Q4_0", fields)


def text_encoder(path: Path) -> None:
    fields = {"llama.attention.head_count": 2, "llama.attention.head_count_kv": 2}
    write_gguf(
        path, {"blk.0.attn_q.weight": np.ones((64, 64)), "token_embd.weight": np.ones((4, 32))}, "llama", "Q8_0", fields
    )


def archive(path: Path) -> None:
    torch.save({"state_dict": {"module.a": torch.ones(4, 4), "module.b": torch.zeros(3)}, "epoch": 1}, path)


def pickled(path: Path) -> None:
    content = {"model": {"a": torch.ones(4, 4), "b": torch.zeros(3)}, "optimizer": {"x": torch.ones(1)}}
    torch.save(content, path, _use_new_zipfile_serialization=False)


def repacked(source: Path, chance: random.Random, target: Path) -> None:
    """Damages the pickle inside an archive, which checksums would otherwise guard."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damaged(content, chance) if name.endswith(".pkl") else content)


ODD = (-1, 0, 1, 2**31, 2**63, 2**64, 10**400, 1.5, "", "F8_E4M3", "U8", None, True, [], [1], [2**62] * 3, {}, [[1]])
"""Values that headers should not hold."""


def reworded(content: bytes, chance: random.Random) -> bytes:
    """A safetensors file with odd values in a header that is still JSON."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    for _ in range(chance.randint(1, 3)):
        entry = header[chance.choice(list(header))]
        if not isinstance(entry, dict) or not entry:
            continue
        key = chance.choice(list(entry))
        if isinstance(entry[key], list) and entry[key] and chance.random() < 0.7:
            entry[key][chance.randrange(len(entry[key]))] = chance.choice(ODD)
        else:
            entry[key] = chance.choice(ODD)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some bytes with one to eight mutations."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        place = min(int(chance.expovariate(1 / (len(data) * 0.3 + 1))), max(len(data) - 1, 0))
        match chance.randrange(6):
            case 0:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                data[place : place + 8] = bytes([chance.choice(LARGE)] * chance.randint(1, 8))
            case 2:
                del data[place : place + chance.randint(1, 40)]
            case 3:
                data[place:place] = data[place : place + chance.randint(1, 40)]
            case 4:
                data[place:place] = chance.randbytes(chance.randint(1, 20))
            case _:
                data[place:] = data[place : chance.randint(place, len(data))]
    return bytes(data)


def looked_at(path: Path) -> bool:
    """Opens and reads a file; whether that went well. Everything but a ModelFileError is the test's failure."""
    try:
        file = ModelFile.open(path)
        file.fields()
        for tensor in file.read().values():
            tensor.float() + 0
    except ModelFileError as error:
        assert path.name in str(error)
        return False
    return True


KINDS: dict[str, Callable[[Path], None]] = {
    "a.safetensors": safetensors,
    "b.safetensors": four_bits,
    "c.gguf": gguf,
    "d.gguf": text_encoder,
    "e.ckpt": archive,
    "f.pt": pickled,
}


@pytest.mark.parametrize("name", KINDS)
def test_damaged_files(tmp_path: Path, name: str) -> None:
    good = tmp_path / "good" / name
    good.parent.mkdir()
    KINDS[name](good)
    assert looked_at(good)
    content = good.read_bytes()
    chance = random.Random(name)
    before = resident(os.getpid())
    opened = 0
    for number in range(FILES):
        path = tmp_path / f"damaged-{number}{good.suffix}"
        if good.suffix == ".ckpt" and number % 2:
            repacked(good, chance, path)
        elif good.suffix == ".safetensors" and number % 2:
            path.write_bytes(reworded(content, chance))
        else:
            path.write_bytes(damaged(content, chance))
        began = time.monotonic()
        opened += looked_at(path)
        assert time.monotonic() - began < SECONDS, path
        path.unlink()
    assert opened < FILES
    assert resident(os.getpid()) - before < GROWTH
