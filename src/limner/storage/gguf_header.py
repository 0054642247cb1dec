"""Reads what a GGUF file says of itself, believing nothing until it fits the file.

Own code rather than the library's, which trusts the counts that it finds: a damaged file must be told from a good one
quickly, in little memory, and with a sentence. In storage, because downloads look at headers too.
Format: magic, version, two counts, the metadata, the tensors' names, sides (innermost first), types and places, then
the tensors' bytes, aligned. Source: the published GGUF specification, versions 2 and 3.
"""

import math
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.graph.errors import ModelFileError
from limner.storage.ggml_types_keys import ARRAY, GGML_TYPES, SCALARS, STRING
from limner.storage.safetensors_header import TensorInfo

MAGIC = b"GGUF"
VERSIONS = (2, 3)
HEADER_LIMIT = 64 * 1024 * 1024
"""Bytes before the tensors; a vocabulary of a quarter million tokens takes about 10 MB."""

SHORT = 64
"""Items of an array that is listed with the header; longer ones (vocabularies) only when asked for."""

NESTING, RANK = 4, 8
"""Levels of arrays in arrays; sides of a tensor."""

_ADVICE = "Download it again, or take another version of the model."


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself.

    Attributes:
        tensors: By name, in the order of the file; outermost side first.
        fields: Metadata, without long arrays.
    """

    tensors: Mapping[str, TensorInfo]
    fields: Mapping[str, Any]


def is_gguf(start: bytes) -> bool:
    """Whether a file that begins so is a GGUF file."""
    return start.startswith(MAGIC)


def read_gguf_header(path: Path) -> GgufHeader:
    """The header of a GGUF file, checked against the file's size.

    Raises:
        ModelFileError: if it is something else, cut off, or inconsistent.
    """
    with _Cursor.over(path) as cursor:
        count = cursor.start()
        fields = dict(cursor.fields(SHORT))
        tensors = dict(cursor.tensors(count, fields.get("general.alignment", 32)))
        return GgufHeader(tensors, fields)


def read_gguf_fields(path: Path) -> dict[str, Any]:
    """All metadata of a GGUF file, vocabularies included. Cost: up to half a second.

    Raises:
        ModelFileError: as ``read_gguf_header`` does.
    """
    with _Cursor.over(path) as cursor:
        cursor.start()
        return dict(cursor.fields(HEADER_LIMIT))


class _Cursor:
    """A place in a mapped file, moving forward. Every step is checked against the end."""

    def __init__(self, name: str, content: mmap.mmap | bytes) -> None:
        self.name = name
        self.content = content
        self.place = 0
        self.limit = min(len(content), HEADER_LIMIT)
        self.entries = 0

    @classmethod
    def over(cls, path: Path) -> "_Cursor":
        with path.open("rb") as file:
            if not file.read(1):
                raise ModelFileError(f"{path.name} is empty. {_ADVICE}")
            return cls(path.name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def __enter__(self) -> "_Cursor":
        return self

    def __exit__(self, *error: object) -> None:
        if isinstance(self.content, mmap.mmap):
            self.content.close()

    def fail(self, what: str) -> ModelFileError:
        return ModelFileError(f"{self.name}: {what}. {_ADVICE}")

    def take(self, size: int) -> int:
        """Steps over some bytes; returns where they begin."""
        place = self.place
        if size > self.limit - place:
            raise self.fail(f"the GGUF header ends in the middle of an entry, at byte {place}; the file is cut off")
        self.place = place + size
        return place

    def number(self, form: str) -> Any:
        return struct.unpack_from(form, self.content, self.take(struct.calcsize(form)))[0]

    def text(self) -> str:
        size = self.number("<Q")
        place = self.take(size)
        return self.content[place : place + size].decode("utf-8", "replace")

    def start(self) -> int:
        """Reads up to the metadata; returns the number of tensors."""
        place = self.take(4)
        if self.content[place : place + 4] != MAGIC:
            raise self.fail("this is no GGUF file")
        version = self.number("<I")
        if version not in VERSIONS:
            swapped = version & 0xFFFF == 0
            kind = "is written for big-endian machines" if swapped else f"has the GGUF version {version}"
            raise self.fail(f"it {kind}; versions 2 and 3, little-endian, are read")
        count, self.entries = self.number("<Q"), self.number("<Q")
        room = self.limit - self.place
        if count > room // 24 or self.entries > room // 12:  # bytes of the smallest entries
            raise self.fail(f"its header announces {count} tensors and {self.entries} entries, more than fit into it")
        return count

    def fields(self, longest: int) -> Iterator[tuple[str, Any]]:
        """The metadata; of arrays only those that are not too long."""
        for _ in range(self.entries):
            key, kind = self.text(), self.number("<I")
            value = self.value(kind, longest, 0)
            if value is not None:
                yield key, value

    def value(self, kind: int, longest: int, depth: int) -> Any:
        """One value; None for an array that is too long."""
        if kind in SCALARS:
            return self.number(SCALARS[kind])
        if kind == STRING:
            return self.text()
        if kind != ARRAY or depth > NESTING:
            raise self.fail(f"its header has a value of the unknown type {kind}")
        inner, count = self.number("<I"), self.number("<Q")
        if inner in SCALARS:
            return self.numbers(SCALARS[inner], count, longest)
        if count > self.limit - self.place:
            raise self.fail(f"its header announces a list of {count} items, more than fit into it")
        if inner == STRING and count > longest:
            return self.skip_texts(count)
        items = [self.value(inner, longest, depth + 1) for _ in range(count)]
        return items if count <= longest else None

    def numbers(self, form: str, count: int, longest: int) -> list[Any] | None:
        size = struct.calcsize(form) * count
        place = self.take(size)
        if count > longest:
            return None
        return list(struct.unpack_from(f"<{count}{form[1]}", self.content, place))

    def skip_texts(self, count: int) -> None:
        for _ in range(count):
            self.take(self.number("<Q"))

    def tensors(self, count: int, alignment: Any) -> Iterator[tuple[str, TensorInfo]]:
        """The tensors, each with its bytes inside the file."""
        entries = [self.tensor() for _ in range(count)]
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
            raise self.fail(f"its header states an alignment of {alignment!r} bytes")
        start = -(-self.place // alignment) * alignment
        seen: set[str] = set()
        for name, shape, (kind, values, size), offset in entries:
            end = start + offset + math.prod(shape) // values * size
            if name in seen or (shape[-1] if shape else 1) % values:
                raise self.fail(f"tensor {name!r} of shape {list(shape)} and type {kind} makes no sense")
            if end > len(self.content):
                raise ModelFileError(
                    f"{self.name} is cut off: tensor {name!r} ends at byte {end}, the file has only "
                    f"{len(self.content)}. {_ADVICE}"
                )
            seen.add(name)
            yield name, TensorInfo(shape, kind, start + offset, end - start - offset)

    def tensor(self) -> tuple[str, tuple[int, ...], tuple[str, int, int], int]:
        """One tensor's entry: name, shape, type, offset."""
        name, rank = self.text(), self.number("<I")
        if rank > RANK:
            raise self.fail(f"tensor {name[:80]!r} has {rank} sides")
        shape = tuple(self.number("<Q") for _ in range(rank))
        kind, offset = self.number("<I"), self.number("<Q")
        if kind not in GGML_TYPES:
            raise self.fail(
                f"tensor {name[:80]!r} has the unknown type {kind}: it is newer than this reader, or damaged"
            )
        return name, shape[::-1], GGML_TYPES[kind], offset
