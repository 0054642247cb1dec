"""Weights of full precision packed while they are loaded: fp8, int8, nf4.

Limner's own code, in torch, for every device: neither bitsandbytes nor another library is needed. Only weights are
packed, never what flows through the network; each layer unpacks its weight when it runs.
Sources: fp8: Micikevicius et al. 2022. int8: the greatest number of a block becomes 127 (absmax, Dettmers et al. 2022).
nf4: Dettmers et al. 2023 (QLoRA), section 3 and appendix E.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from limner.models.load.quantised.encoding import Codebook, Scaled
from limner.models.load.quantised.tensor import QuantisedTensor

BLOCK = 64
"""Numbers that share a scale in int8 and nf4."""

NF4 = Codebook(
    "nf4",
    (
        -1.0,
        -0.6961928009986877,
        -0.5250730514526367,
        -0.39491748809814453,
        -0.28444138169288635,
        -0.18477343022823334,
        -0.09105003625154495,
        0.0,
        0.07958029955625534,
        0.16093020141124725,
        0.24611230194568634,
        0.33791524171829224,
        0.44070982933044434,
        0.5626170039176941,
        0.7229568362236023,
        1.0,
    ),
)
"""Quantiles of a normal distribution, zero among them."""

FP8: Mapping[str, torch.dtype] = {
    "fp8_e4m3fn": torch.float8_e4m3fn,
    "fp8_e4m3fn_fast": torch.float8_e4m3fn,
    "fp8_e5m2": torch.float8_e5m2,
}
"""``fast`` asks ComfyUI to multiply in fp8 too, which changes pictures; here it is the same as without."""


def storable(name: str, shape: tuple[int, ...], storage: str) -> bool:
    """Whether a weight is packed: those of layers that multiply by a matrix; for int8 and nf4 in whole blocks."""
    if not name.endswith("weight") or len(shape) < 2:
        return False
    return storage in FP8 or (len(shape) == 2 and shape[1] % BLOCK == 0)


def stored_as(weight: Tensor, storage: str, dtype: torch.dtype) -> QuantisedTensor:
    """A weight, packed.

    Args:
        weight: In full precision.
        storage: One of ``STORAGES``.
        dtype: What the network computes in.
    """
    return STORAGES[storage](weight, storage, dtype)


def packed_bytes(shape: tuple[int, ...], storage: str) -> int:
    """Bytes that a packed weight takes."""
    count = torch.Size(shape).numel()
    if storage in FP8:
        return count
    return (count if storage == "int8" else count // 2) + count // BLOCK * 4


def _fp8(weight: Tensor, storage: str, dtype: torch.dtype) -> QuantisedTensor:
    """The nearest numbers of the type; what is beyond its greatest becomes that, where a cast would give NaN."""
    kind = FP8[storage]
    greatest = torch.finfo(kind).max
    codes = weight.float().clamp(-greatest, greatest).to(kind)
    return QuantisedTensor(Scaled(str(kind).removeprefix("torch.")), codes, None, tuple(weight.shape), dtype)


def _int8(weight: Tensor, storage: str, dtype: torch.dtype) -> QuantisedTensor:
    blocks, greatest = _blocks(weight)
    scales = greatest / 127
    codes = (blocks / _divisor(scales)).round_().to(torch.int8).reshape(weight.shape)
    return QuantisedTensor(Scaled("int8"), codes, scales[..., 0].contiguous(), tuple(weight.shape), dtype)


def _nf4(weight: Tensor, storage: str, dtype: torch.dtype) -> QuantisedTensor:
    blocks, greatest = _blocks(weight)
    table = torch.tensor(NF4.table, device=weight.device)
    codes = torch.bucketize(blocks / _divisor(greatest), (table[1:] + table[:-1]) / 2).to(torch.uint8)
    pairs = codes.reshape(len(weight), -1, 2)
    packed = (pairs[..., 0] << 4) | pairs[..., 1]
    return QuantisedTensor(NF4, packed, greatest[..., 0].contiguous(), tuple(weight.shape), dtype)


def _blocks(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A weight in blocks and their greatest numbers. Shapes: [r c] to [r k 64] and [r k 1], float32."""
    blocks = weight.float().reshape(len(weight), -1, BLOCK)
    return blocks, blocks.abs().amax(-1, keepdim=True)


def _divisor(scales: Tensor) -> Tensor:
    return torch.where(scales > 0, scales, torch.ones_like(scales))


STORAGES: Mapping[str, Callable[[Tensor, str, torch.dtype], QuantisedTensor]] = {
    **dict.fromkeys(FP8, _fp8),
    "int8": _int8,
    "nf4": _nf4,
}
"""What weights can be packed into, by name."""
