"""Weights of full precision packed while they are loaded: fp8, int8, nf4.

Limner's own code, in torch, for every device: neither bitsandbytes nor another library is needed. Only weights are
packed, never what flows through the network; each layer unpacks its weight when it runs.
Sources: fp8: Micikevicius et al. 2022. int8: the greatest number of a block becomes 127 (absmax, Dettmers et al. 2022).
nf4: Dettmers et al. 2023 (QLoRA), section 3 and appendix E.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from limner.models.load.quantised.encoding import Codebook, Encoding, Scaled
from limner.models.load.quantised.tensor import QuantisedTensor

BLOCK = 64
"""Numbers that share a scale in int8 and nf4."""

AT_ONCE = 1 << 18
"""Numbers that are packed together, so that what is made on the way stays small."""

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
    encoding, pack = STORAGES[storage]
    step = max(1, AT_ONCE // max(weight[0].numel(), 1))
    codes, scales = (_room_for(part, len(weight)) for part in pack(weight[:1].float(), storage))
    for first in range(0, len(weight), step):
        for whole, part in zip((codes, scales), pack(weight[first : first + step].float(), storage), strict=True):
            if whole is not None and part is not None:
                whole[first : first + step] = part
    assert codes is not None
    return QuantisedTensor(encoding, codes, scales, tuple(weight.shape), dtype)


def _room_for(row: Tensor | None, rows: int) -> Tensor | None:
    """Memory for as many rows, taken before anything is made on the way, which would leave holes."""
    return None if row is None else row.new_empty((rows, *row.shape[1:]))


def packed_bytes(shape: tuple[int, ...], storage: str) -> int:
    """Bytes that a packed weight takes."""
    count = torch.Size(shape).numel()
    if storage in FP8:
        return count
    return (count if storage == "int8" else count // 2) + count // BLOCK * 4


def _fp8(rows: Tensor, storage: str) -> tuple[Tensor, None]:
    """The nearest numbers of the type; what is beyond its greatest becomes that, where a cast would give NaN."""
    kind = FP8[storage]
    greatest = torch.finfo(kind).max
    return rows.clamp(-greatest, greatest).to(kind), None


def _int8(rows: Tensor, storage: str) -> tuple[Tensor, Tensor]:
    blocks, greatest = _blocks(rows)
    scales = greatest / 127
    codes = (blocks / _divisor(scales)).round_().to(torch.int8)
    return codes.reshape(rows.shape), scales[..., 0]


def _nf4(rows: Tensor, storage: str) -> tuple[Tensor, Tensor]:
    blocks, greatest = _blocks(rows)
    table = torch.tensor(NF4.table, device=rows.device)
    codes = torch.bucketize(blocks / _divisor(greatest), (table[1:] + table[:-1]) / 2, out_int32=True)
    pairs = codes.to(torch.uint8).reshape(len(rows), -1, 2)
    return (pairs[..., 0] << 4) | pairs[..., 1], greatest[..., 0]


def _blocks(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Rows in blocks and their greatest numbers. Shapes: [r c] to [r k 64] and [r k 1]."""
    blocks = rows.reshape(len(rows), -1, BLOCK)
    return blocks, blocks.abs().amax(-1, keepdim=True)


def _divisor(scales: Tensor) -> Tensor:
    return torch.where(scales > 0, scales, torch.ones_like(scales))


Pack = Callable[[Tensor, str], tuple[Tensor, Tensor | None]]
"""Rows, float32, and the storage's name; to their codes and scales."""

STORAGES: Mapping[str, tuple[Encoding, Pack]] = {
    **{name: (Scaled(str(kind).removeprefix("torch.")), _fp8) for name, kind in FP8.items()},
    "int8": (Scaled("int8"), _int8),
    "nf4": (NF4, _nf4),
}
"""What weights can be packed into, by name."""
