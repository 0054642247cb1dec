"""A file in memory without being read: tensors that are views of it, and pages that are given back after use."""

import mmap
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError

KEPT = getattr(mmap, "MADV_DONTNEED", None)
"""What tells the system that pages are not needed any more; Windows has no such thing."""


@dataclass(frozen=True)
class MappedFile:
    """A file's bytes, mapped privately: what is read lies in the system's cache, not in memory of our own.

    Attributes:
        name: For people.
        content: The bytes.
    """

    name: str
    content: mmap.mmap

    @classmethod
    def open(cls, path: Path, size: int, changed: int) -> "MappedFile":
        """Maps a file that was looked at before.

        Args:
            path: The file.
            size: Bytes that it had then.
            changed: Nanoseconds of its time of change then.

        Raises:
            ModelFileError: if it is gone or another one now.
        """
        try:
            status = path.stat()
            if (status.st_size, status.st_mtime_ns) != (size, changed):
                raise ModelFileError(f"{path.name} changed after it was opened: choose it again.")
            with path.open("rb") as file:
                # A copy-on-write mapping, because torch wants writable memory; nobody writes.
                return cls(path.name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        except (OSError, ValueError) as error:
            raise ModelFileError(f"{path.name} cannot be read ({error}). Is it still there?") from error

    def view(self, begin: int, size: int, dtype: torch.dtype, shape: tuple[int, ...]) -> Tensor:
        """Some bytes as a tensor; a copy only if they do not lie as their type wants it.

        Raises:
            ModelFileError: if the file is shorter.
        """
        if begin + size > len(self.content):
            raise ModelFileError(f"{self.name} became shorter after it was opened. Download it again.")
        if not size:
            return torch.empty(shape, dtype=dtype)
        step = dtype.itemsize
        if begin % step:
            copied = torch.frombuffer(self.content, dtype=torch.uint8, count=size, offset=begin).clone()
            return copied.view(dtype).view(shape)
        return torch.frombuffer(self.content, dtype=dtype, count=size // step, offset=begin).view(shape)

    def drop(self, begin: int, size: int) -> None:
        """Gives back the pages of some bytes; they are read again if somebody looks."""
        if KEPT is None or not size:
            return
        first = begin // mmap.PAGESIZE * mmap.PAGESIZE
        self.content.madvise(KEPT, first, begin + size - first)
