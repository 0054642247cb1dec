"""Reads the header of a safetensors file, believing nothing it says until it fits the file.

Own code rather than the library's, because a wrong file is the commonest mistake of all and deserves an answer that
says what the file is instead. The tensors themselves are read by the library.
Format: 8 bytes little-endian header length, a JSON object, then the tensors' bytes.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from limner.graph.errors import ModelFileError

HEADER_LIMIT = 100_000_000
"""Bytes; the limit that the safetensors library sets too."""

MAXIMAL_RANK = 16
"""Sides of a tensor; no network's has more than six."""

BITS: Mapping[str, int] = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E8M0": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "I64": 64,
    "U64": 64,
    "F64": 64,
    "C64": 64,
}
"""Bits per element of every safetensors type."""

NAMES: Mapping[str, str] = {
    "F16": "float16",
    "BF16": "bfloat16",
    "F32": "float32",
    "F64": "float64",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E8M0": "float8_e8m0fnu",
    "I8": "int8",
    "I16": "int16",
    "I32": "int32",
    "I64": "int64",
    "U8": "uint8",
    "U16": "uint16",
    "U32": "uint32",
    "U64": "uint64",
    "BOOL": "bool",
    "C64": "complex64",
}
"""Torch's names of those types."""

_ADVICE = "Download it again, or replace it by a safetensors file."


@dataclass(frozen=True)
class TensorInfo:
    """A tensor in a file, unread.

    Attributes:
        shape: Its sides.
        dtype: Torch's name of its type, or that of a packed format (``q4_k``).
        begin: Where its bytes begin in the file; 0 where nobody needs to know.
        bytes: How many it has there.
    """

    shape: tuple[int, ...]
    dtype: str
    begin: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Header:
    """What a safetensors file says of itself.

    Attributes:
        tensors: By name, in the order of the file.
        metadata: Texts that came with it.
    """

    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]


def read_header(path: Path) -> Header:
    """The header of a safetensors file, checked against the file's size.

    Raises:
        ModelFileError: if it is something else, cut off, or inconsistent; the message says what it seems to be.
    """
    with path.open("rb") as file:
        return read_header_from(file, path.stat().st_size, path.name)


def read_header_from(file: BinaryIO, size: int, name: str) -> Header:
    """The header at the start of an open file, of which no more is read.

    Args:
        file: At its first byte.
        size: Bytes that the whole file has or will have.
        name: What messages call it.

    Raises:
        ModelFileError: as ``read_header`` does.
    """
    start = file.read(8)
    length = int.from_bytes(start, "little")
    if size < 8 or length > min(HEADER_LIMIT, size - 8):
        raise ModelFileError(_complaint(name, start + file.read(56), size, length))
    try:
        entries = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{name}: its header is no JSON ({error}). {_ADVICE}") from error
    if not isinstance(entries, dict):
        raise ModelFileError(f"{name}: its header is no JSON object. {_ADVICE}")
    metadata = entries.pop("__metadata__", None) or {}
    if not isinstance(metadata, dict):
        metadata = {}
    tensors = {key: _tensor(name, key, entry, 8 + length, size) for key, entry in entries.items()}
    return Header(tensors, {str(key): str(value) for key, value in metadata.items()})


def _tensor(file: str, name: str, entry: Any, start: int, size: int) -> TensorInfo:
    """One tensor's entry, with its bytes inside the file, whose data begin at ``start``."""
    try:
        dtype, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        numbers = (*shape, begin, end)
        fits = len(shape) <= MAXIMAL_RANK and all(type(n) is int and 0 <= n < 2**63 for n in numbers)
        wanted = (math.prod(shape) * BITS[dtype] + 7) // 8 if fits else -1
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{file}: tensor {name!r} has no valid entry in the header. {_ADVICE}") from error
    if not fits or end - begin != wanted:
        given = f"gives it {end - begin}" if fits else "does not say where they are"
        raise ModelFileError(
            f"{file}: tensor {name!r} of shape {list(shape)[:MAXIMAL_RANK]} and type {dtype} needs "
            f"{wanted if fits else 'some'} bytes, but the header {given}. {_ADVICE}"
        )
    if start + end > size:
        raise ModelFileError(
            f"{file} is cut off: tensor {name!r} ends at byte {end} of the data, the file has only {size - start}. "
            f"{_ADVICE}"
        )
    return TensorInfo(shape, NAMES[dtype], start + begin, wanted)


def _complaint(name: str, start: bytes, size: int, length: int) -> str:
    """Says what a file seems to be that is no safetensors file."""
    what = mistaken(start)
    if what is None and start.startswith(b"GGUF"):
        what = "is a GGUF file with a wrong suffix; rename it to .gguf"
    elif what is None and is_pickle(start):
        what = "is a PyTorch pickle, not a safetensors file; if you trust it, rename it to .ckpt or .pt"
    elif what is None:
        what = f"is no safetensors file, or cut off: it states a header of {length} bytes and has {size} in all"
    return f"{name} {what}. {_ADVICE}"


def is_pickle(start: bytes) -> bool:
    """Whether a file that begins so is a pickle, or an archive as PyTorch writes them around one."""
    return start.startswith(b"PK\x03\x04") or (
        start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    )


def mistaken(start: bytes) -> str | None:
    """What a file that begins so is, if it is one of the things that get model files' names by mistake."""
    head = start.lstrip().lower()
    if not start:
        return "is empty"
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "is a web page, not a model; the download needed a login or a licence click"
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the model itself; fetch it with `git lfs pull`"
    if head.startswith(b"{"):
        return "is a JSON text, not a safetensors file"
    return None
