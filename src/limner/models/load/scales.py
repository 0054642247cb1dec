"""Files whose weights are short numbers with scales beside them: a weight and its scale become one packed weight.

So families see one tensor a weight, named and shaped as in a file of full precision. Layouts that are read:

* ``X.weight`` in fp8 or int8 with ``X.scale_weight`` (and a tensor ``scaled_fp8`` that marks the file),
  ``X.weight_scale`` (compressed-tensors, torchao, and files with ``X.comfy_quant``) or ``X.weight_scale_inv`` (a scale
  a block of 128 by 128): the weight is the number times the scale. Scales of inputs are not needed, because inputs are
  not quantised.
* ``X.weight`` in int8 with ``X.SCB``: the greatest number of each row, which 127 stands for.
* four bits a number, see ``four_bits``.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.load.content import Content, Derived, DerivedContent
from limner.models.load.four_bits import four_bits
from limner.models.load.header import TensorInfo
from limner.models.load.quantised.encoding import Scaled
from limner.models.load.quantised.tensor import QuantisedTensor

SCALES = ("scale_weight", "weight_scale", "weight_scale_inv", "SCB")
"""What the scale of ``X.weight`` is called after ``X.``."""

UNUSED = ("scale_input", "input_scale", "comfy_quant", "weight_format", "weight_scale_2")
"""What else may stand there."""

MARKER = "scaled_fp8"
"""A tensor that only says that the file is of this kind."""

SHORT = frozenset(("float8_e4m3fn", "float8_e5m2", "int8"))
FULL = frozenset(("float32", "float16", "bfloat16"))
BLOCK = 128
"""Rows and columns that share a scale in ``weight_scale_inv``."""


class FoldedContent(DerivedContent):
    """Weights made one with their scales."""


def folded(content: Content, name: str) -> Content:
    """The content with every weight and its scales made one; itself if there are none.

    Args:
        content: What is stored.
        name: What messages call the file.

    Raises:
        ModelFileError: if scales belong to a format that is not read.
    """
    derived = {**dict(_scaled(content, name)), **four_bits(content, name)}
    if not derived and not any(_marks(stored) for stored in content.tensors):
        return content
    used = {part for weight in derived.values() for part in weight.names}
    return FoldedContent(
        content,
        {
            stored: derived.get(stored) or Derived((stored,), info)
            for stored, info in content.tensors.items()
            if stored in derived or not (stored in used or _marks(stored) or _beside(content, stored))
        },
    )


def _marks(name: str) -> bool:
    return name == MARKER or name.endswith(f".{MARKER}")


def _beside(content: Content, name: str) -> bool:
    """Whether a tensor only says how a weight beside it is to be used."""
    place, _, last = name.rpartition(".")
    return last in UNUSED and f"{place}.weight" in content.tensors


def _scaled(content: Content, file: str) -> Iterator[tuple[str, Derived]]:
    tensors = content.tensors
    for name, scale in tensors.items():
        place, _, last = name.rpartition(".")
        weight = f"{place}.weight"
        if last not in SCALES or weight not in tensors:
            continue
        info = tensors[weight]
        readable = info.dtype in SHORT | FULL and scale.dtype in FULL and f"{place}.weight_scale_2" not in tensors
        if not readable:
            raise ModelFileError(
                f"{file}: {weight} is {info.dtype} with scales in {scale.dtype}, a format that is not read. Known are "
                f"fp8 and int8 with scales in full precision: take such a version of the model."
            )
        taken = TensorInfo(info.shape, info.dtype, info.begin, info.bytes + scale.bytes)
        yield weight, Derived((weight, name), taken, _join(file, weight, 1 / 127 if last == "SCB" else 1.0))


def _join(file: str, name: str, unit: float) -> Callable[[Tensor, Tensor], Tensor]:
    """Makes one weight of numbers and scales."""

    def join(codes: Tensor, scale: Tensor) -> Tensor:
        rows = _rows(scale.float() * unit, codes)
        if rows is None:
            raise ModelFileError(
                f"{file}: {name} of shape {list(codes.shape)} cannot have scales of shape {list(scale.shape)}. "
                "Download it again."
            )
        shape = tuple(codes.shape)
        if codes.dim() < 2 or rows.shape[1] == codes.numel() // max(len(codes), 1):
            return (codes.float().reshape(len(rows), -1) * rows).reshape(shape)  # as many scales as numbers
        encoding = Scaled(str(codes.dtype).removeprefix("torch."))
        return QuantisedTensor(encoding, codes, rows, shape, torch.float32)

    return join


def _rows(scale: Tensor, codes: Tensor) -> Tensor | None:
    """Scales of every row [r k]; None if they do not belong to these numbers."""
    count = codes.shape[0] if codes.dim() else 1
    columns = codes.numel() // max(count, 1)
    if scale.numel() == 1:
        return scale.reshape(1, 1).repeat(count, 1)
    if scale.numel() == count:
        return scale.reshape(count, 1)
    blocks = (-(-count // BLOCK), -(-columns // BLOCK))
    if tuple(scale.shape) != blocks:
        return scale if scale.dim() == 2 and len(scale) == count and columns % scale.shape[1] == 0 else None
    rows = scale.repeat_interleave(BLOCK, 0)[:count]
    return rows if columns % BLOCK == 0 else rows.repeat_interleave(BLOCK, 1)[:, :columns]
