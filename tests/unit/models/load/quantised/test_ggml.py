"""Our decoding against that of the gguf package, on random bytes: numbers must be equal bit for bit."""

import gguf
import numpy as np
import pytest
import torch

from limner.models.load.quantised.ggml import READ, Ggml

HALVES = {"q2_k": (80, 82), "q3_k": (108,), "q6_k": (208,), **dict.fromkeys(("q4_1", "q5_1", "q4_k", "q5_k"), (0, 2))}
"""Where the float16 of a block are; the others have one at the beginning."""


def random_rows(name, rows, blocks):
    generator = np.random.default_rng(len(name))
    size = Ggml(name).block[1]
    codes = generator.integers(0, 256, (rows * blocks, size), dtype=np.uint8)
    for place in HALVES.get(name, (0,)):
        scales = generator.normal(size=(rows * blocks, 1)).astype(np.float16)
        codes[:, place : place + 2] = scales.view(np.uint8)
    return codes.reshape(rows, -1)


@pytest.mark.parametrize("name", sorted(READ))
def test_equals_the_packages_numbers_bit_for_bit(name):
    codes = random_rows(name, rows=5, blocks=7)
    theirs = gguf.quants.dequantize(codes, gguf.GGMLQuantizationType[name.upper()])
    encoding = Ggml(name)
    ours = encoding.decode(torch.from_numpy(codes), None, 7 * encoding.block[0], torch.float32)
    assert torch.equal(ours, torch.from_numpy(theirs))


def test_all_formats_in_use_are_read():
    wanted = "q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k iq4_nl iq4_xs"
    assert set(wanted.split()) == READ
