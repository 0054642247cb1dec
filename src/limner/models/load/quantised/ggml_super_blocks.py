"""Blocks of 256 numbers of GGUF files, made of smaller ones whose scales are short numbers too.

Every function takes blocks as bytes [n size] and gives numbers [n 256], float32.
Source: the published ggml block formats (the K-quants).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from limner.models.load.quantised.ggml_blocks import Decoder, bits, half, nibbles, nonlinear


def _pairs(codes: Tensor) -> Tensor:
    """Two bits a number: of each 32 bytes first the lowest two bits, then the next. Shapes: [n b] to [n 4b]."""
    shifts = torch.arange(0, 8, 2, dtype=torch.uint8, device=codes.device)
    return ((codes.unflatten(1, (-1, 1, 32)) >> shifts[:, None]) & 3).flatten(1)


def _split(codes: Tensor) -> Tensor:
    """Four bits a number: of each 32 bytes first the lower halves, then the upper. Shapes: [n 128] to [n 8 32]."""
    parts = codes.unflatten(1, (4, 32))
    return torch.stack((parts & 15, parts >> 4), 2).flatten(1, 2)


def _six_bits(packed: Tensor) -> tuple[Tensor, Tensor]:
    """Eight scales and eight minima of 6 bits in twelve bytes. Shapes: [n 12] to twice [n 8 1], float32."""
    first, second, rest = packed.split(4, 1)
    scales = torch.cat((first & 63, (rest & 15) | (first >> 6 << 4)), 1)
    minima = torch.cat((second & 63, (rest >> 4) | (second >> 6 << 4)), 1)
    return scales.float()[..., None], minima.float()[..., None]


def q2_k(blocks: Tensor) -> Tensor:
    """Sixteen scales and minima of 4 bits, 2 bits a number, the scale of the scales and of the minima."""
    both = blocks[:, :16]
    scales, minima = (both & 15).float() * half(blocks, 80), (both >> 4).float() * half(blocks, 82)
    codes = _pairs(blocks[:, 16:80]).unflatten(1, (16, 16)).float()
    return (codes * scales[..., None] - minima[..., None]).flatten(1)


def q3_k(blocks: Tensor) -> Tensor:
    """Third bits, 2 bits a number, sixteen scales of 6 bits around 32, the scale of the scales."""
    packed = blocks[:, 96:108]
    shifts = torch.arange(0, 8, 2, dtype=torch.uint8, device=blocks.device)
    upper = ((packed[:, None, 8:] >> shifts[:, None]) & 3).flatten(1)
    scales = (nibbles(packed[:, :8]) | (upper << 4)).float() - 32
    third = bits(blocks[:, :32], 8).flatten(1)
    codes = (_pairs(blocks[:, 32:96]) | (third << 2)).float() - 4
    return (codes.unflatten(1, (16, 16)) * (scales * half(blocks, 108))[..., None]).flatten(1)


def q4_k(blocks: Tensor) -> Tensor:
    """The scale of the scales and of the minima, eight of both of 6 bits, 4 bits a number."""
    scales, minima = _six_bits(blocks[:, 4:16])
    codes = _split(blocks[:, 16:]).float()
    size, least = half(blocks, 0)[..., None], half(blocks, 2)[..., None]
    return (codes * (scales * size) - minima * least).flatten(1)


def q5_k(blocks: Tensor) -> Tensor:
    """As ``q4_k``, with fifth bits before the others."""
    scales, minima = _six_bits(blocks[:, 4:16])
    codes = (_split(blocks[:, 48:]) | (bits(blocks[:, 16:48], 8) << 4)).float()
    size, least = half(blocks, 0)[..., None], half(blocks, 2)[..., None]
    return (codes * (scales * size) - minima * least).flatten(1)


def q6_k(blocks: Tensor) -> Tensor:
    """4 bits a number, 2 more bits a number, sixteen signed scales, the scale of the scales; around 32."""
    lower = blocks[:, :128].unflatten(1, (2, 64))
    lower = torch.cat((lower & 15, lower >> 4), 2).flatten(1)
    codes = (lower | (_pairs(blocks[:, 128:192]) << 4)).float() - 32
    scales = blocks[:, 192:208].view(torch.int8).float() * half(blocks, 208)
    return (codes.unflatten(1, (16, 16)) * scales[..., None]).flatten(1)


def iq4_xs(blocks: Tensor) -> Tensor:
    """The scale of the scales, eight of them of 6 bits around 32, 4 bits a number, spaced unevenly."""
    shifts = torch.arange(0, 8, 2, dtype=torch.uint8, device=blocks.device)
    upper = ((blocks[:, 2:4, None] >> shifts) & 3).flatten(1)
    packed = blocks[:, 4:8]
    lower = torch.stack((packed & 15, packed >> 4), -1).flatten(1)
    scales = (lower | (upper << 4)).float() - 32
    codes = blocks[:, 8:].unflatten(1, (8, 16))
    values = nonlinear(torch.cat((codes & 15, codes >> 4), -1))
    return (values * (scales * half(blocks, 0))[..., None]).flatten(1)


SUPER_BLOCKS: Mapping[str, Decoder] = {
    "q2_k": q2_k,
    "q3_k": q3_k,
    "q4_k": q4_k,
    "q5_k": q5_k,
    "q6_k": q6_k,
    "iq4_xs": iq4_xs,
}
"""By the format's name."""
