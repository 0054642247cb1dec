"""Blocks of 32 numbers of GGUF files: bytes to numbers, many blocks at once.

Every function takes blocks as bytes [n size] and gives numbers [n 32], float32.
Source: the published ggml block formats.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Decoder = Callable[[Tensor], Tensor]
"""Blocks [n size], uint8, to their numbers [n values], float32."""

NONLINEAR = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
"""What the codes of the ``iq4`` formats mean."""


def half(blocks: Tensor, place: int) -> Tensor:
    """A float16 at a place of every block. Shapes: blocks [n size]; returns [n 1], float32."""
    return blocks[:, place : place + 2].contiguous().view(torch.float16).float()


def nibbles(codes: Tensor) -> Tensor:
    """Lower halves of all bytes, then upper halves. Shapes: codes [n b]; returns [n 2b]."""
    return torch.cat((codes & 15, codes >> 4), -1)


def bits(codes: Tensor, count: int) -> Tensor:
    """Bits, the lowest of a byte first. Shapes: codes [n b]; returns [n count b], bit by bit."""
    shifts = torch.arange(count, dtype=torch.uint8, device=codes.device)
    return (codes[:, None, :] >> shifts[:, None]) & 1


def nonlinear(codes: Tensor) -> Tensor:
    """What codes of the ``iq4`` formats mean. Shapes: returns like codes, float32."""
    return torch.tensor(NONLINEAR, dtype=torch.float32, device=codes.device)[codes.int()]


def _fifth_bits(blocks: Tensor, place: int) -> Tensor:
    """Bit 4 of the 32 numbers, kept together in four bytes. Shapes: returns [n 32]."""
    return bits(blocks[:, place : place + 4], 8).transpose(1, 2).flatten(1) << 4


def q4_0(blocks: Tensor) -> Tensor:
    """A scale, then 4 bits a number, around 8."""
    return half(blocks, 0) * (nibbles(blocks[:, 2:]).float() - 8)


def q4_1(blocks: Tensor) -> Tensor:
    """A scale, the smallest number, then 4 bits a number."""
    return half(blocks, 0) * nibbles(blocks[:, 4:]).float() + half(blocks, 2)


def q5_0(blocks: Tensor) -> Tensor:
    """A scale, the fifth bits, then 4 bits a number, around 16."""
    codes = nibbles(blocks[:, 6:]) | _fifth_bits(blocks, 2)
    return half(blocks, 0) * (codes.float() - 16)


def q5_1(blocks: Tensor) -> Tensor:
    """A scale, the smallest number, the fifth bits, then 4 bits a number."""
    codes = nibbles(blocks[:, 8:]) | _fifth_bits(blocks, 4)
    return half(blocks, 0) * codes.float() + half(blocks, 2)


def q8_0(blocks: Tensor) -> Tensor:
    """A scale, then 8 bits a number, signed."""
    return half(blocks, 0) * blocks[:, 2:].view(torch.int8).float()


def iq4_nl(blocks: Tensor) -> Tensor:
    """A scale, then 4 bits a number, spaced unevenly."""
    return half(blocks, 0) * nonlinear(nibbles(blocks[:, 2:]))


BLOCKS: Mapping[str, Decoder] = {
    "q4_0": q4_0,
    "q4_1": q4_1,
    "q5_0": q5_0,
    "q5_1": q5_1,
    "q8_0": q8_0,
    "iq4_nl": iq4_nl,
}
"""By the format's name."""
