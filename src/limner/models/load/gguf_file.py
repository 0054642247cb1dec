"""The tensors of a GGUF file, packed as they are.

Files of image models keep the original layout's names. Where a tensor's rows did not fit the blocks, its writer
reshaped it and kept the shape in the metadata, under ``comfy.gguf.orig_shape.NAME``.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.load.content import Content, MappedContent
from limner.models.load.gguf_text import with_text_names
from limner.models.load.header import TensorInfo
from limner.models.load.quantised.ggml import READ, Ggml
from limner.models.load.quantised.tensor import QuantisedTensor
from limner.storage.gguf_header import read_gguf_header

SHAPES = "comfy.gguf.orig_shape."


def open_gguf(path: Path) -> Content:
    """What a GGUF file holds.

    Raises:
        ModelFileError: if it is damaged, or in a format that cannot be decoded.
    """
    status = path.stat()
    header = read_gguf_header(path)
    tensors = {name: _shaped(name, info, header.fields) for name, info in header.tensors.items()}
    unread = {info.dtype for info in tensors.values()} - READ
    unread = {dtype for dtype in unread if not isinstance(getattr(torch, dtype, None), torch.dtype)}
    if unread:
        raise ModelFileError(
            f"{path.name} has weights in {', '.join(sorted(unread)).upper()}, which is not read. Take a version in one "
            f"of {', '.join(sorted(READ)).upper()}."
        )
    texts = {key: str(value) for key, value in header.fields.items() if isinstance(value, str | int | float)}
    content = MappedContent(path, status.st_size, status.st_mtime_ns, tensors, texts, _packed)
    return with_text_names(content)


def _shaped(name: str, info: TensorInfo, fields: Mapping[str, Any]) -> TensorInfo:
    """A tensor with the shape that it had before it was made to fit."""
    sides: Any = fields.get(SHAPES + name, ())
    fits = bool(sides) and isinstance(sides, list) and all(isinstance(side, int) and side > 0 for side in sides)
    if not fits or math.prod(sides) != math.prod(info.shape):
        return info
    return replace(info, shape=tuple(sides))


def _packed(name: str, info: TensorInfo, stored: Tensor) -> Tensor:
    """A packed tensor; as numbers if its rows do not consist of whole blocks."""
    encoding = Ggml(info.dtype)
    columns = math.prod(info.shape[1:])
    if len(info.shape) > 1 and columns % encoding.block[0] == 0 and info.shape[0]:
        return QuantisedTensor(encoding, stored.reshape(info.shape[0], -1), None, info.shape, torch.float32)
    return encoding.decode(stored.reshape(1, -1), None, math.prod(info.shape), torch.float32).reshape(info.shape)
