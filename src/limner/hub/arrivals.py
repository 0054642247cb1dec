"""Looks at a file that has arrived before it gets its name: a web page, a pointer or half a file is no model.

Only the beginning is read, and nothing of it is believed; what is inside a pickle is not looked at, since to read one
is to run it. Loading does that with care.
"""

import io
import json
from pathlib import Path

from limner.graph.errors import ModelFileError
from limner.storage.gguf_header import read_gguf_header
from limner.storage.safetensors_header import HEADER_LIMIT, read_header_from

PICKLES = frozenset({".ckpt", ".pt", ".pt2", ".pth", ".bin", ".pkl"})
"""Suffixes of files that may be pickles."""

WEIGHTS = frozenset({".safetensors", ".sft", ".gguf"}) | PICKLES
"""Suffixes of files with weights."""

TEXTS = frozenset({".json", ".txt", ".model", ".yaml", ".jinja"})
"""Suffixes of what lies beside weights: configurations, tokenizers."""

_PICKLE_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


def check_arrival(path: Path, name: str) -> None:
    """Refuses a file that is not what its name says.

    Args:
        path: Where it lies now.
        name: What it will be called.

    Raises:
        ModelFileError: says what it seems to be.
    """
    suffix = Path(name).suffix.lower()
    if suffix in (".safetensors", ".sft"):
        with path.open("rb") as file:
            read_header_from(file, path.stat().st_size, name)
    elif suffix == ".gguf":
        try:
            read_gguf_header(path)
        except ModelFileError as error:
            raise ModelFileError(str(error).replace(path.name, name)) from error
    elif suffix == ".json":
        _check_json(path, name)
    else:
        _check_start(path, name, is_weights=suffix in PICKLES)


def true_suffix(path: Path) -> str:
    """What a weight file's suffix would be by its first bytes, which are what loading goes by; else the one it has."""
    suffix = path.suffix.lower()
    if suffix not in WEIGHTS:
        return suffix
    with path.open("rb") as file:
        start = file.read(9)
    if start.startswith(b"GGUF"):
        return ".gguf"
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= HEADER_LIMIT:
        return suffix if suffix == ".sft" else ".safetensors"
    return suffix


def check_beginning(start: bytes, size: int, name: str) -> None:
    """Refuses a file by its first bytes, so that a wrong one is not fetched to its end.

    Args:
        start: Its beginning, of any length.
        size: Bytes of the whole.
        name: What it will be called.

    Raises:
        ModelFileError: if it cannot be what its name says.
    """
    suffix = Path(name).suffix.lower()
    if suffix in (".safetensors", ".sft"):
        length = int.from_bytes(start[:8], "little")
        if length > size - 8 or len(start) >= 8 + length:
            read_header_from(io.BytesIO(start), size, name)
        elif start[8:9] not in (b"{", b""):
            raise ModelFileError(f"{name} is no safetensors file: its header is no JSON. Look at where it comes from.")
    elif suffix == ".gguf" and not start.startswith(b"GGUF"):
        raise ModelFileError(f"{name} is no GGUF file; it begins with {start[:8]!r}. Look at where it comes from.")
    elif suffix in PICKLES:
        _refuse_start(start, name, is_weights=True)


def _check_json(path: Path, name: str) -> None:
    try:
        json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{name} is no JSON ({error}). Download it again.") from error


def _check_start(path: Path, name: str, *, is_weights: bool) -> None:
    with path.open("rb") as file:
        _refuse_start(file.read(64), name, is_weights=is_weights)


def _refuse_start(start: bytes, name: str, *, is_weights: bool) -> None:
    head = start.lstrip().lower()
    what = ""
    if not start:
        what = "is empty"
    elif head.startswith((b"<!doctype", b"<html")):
        what = "is a web page, not a model; the download needed a login or a licence click"
    elif start.startswith(b"version https://git-lfs"):
        what = "is a Git LFS pointer, not the file itself"
    elif is_weights and head.startswith(b"{"):
        what = "is a JSON text, not a model"
    elif is_weights and not start.startswith(_PICKLE_STARTS):
        what = f"is no PyTorch file; it begins with {start[:8]!r}"
    if what:
        raise ModelFileError(f"{name} {what}. Look at the address that it came from, and download it again.")
