"""A model file, opened: what it holds is known at once, its tensors are read when asked for."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import torch
from safetensors import SafetensorError, safe_open

from limner.graph.errors import ModelFileError
from limner.models.load.header import TensorInfo, read_header
from limner.models.load.layout import Layout
from limner.models.load.pickled import read_pickled

SAFE_SUFFIXES = (".safetensors", ".sft")
PICKLED_SUFFIXES = (".ckpt", ".pt", ".pth", ".bin", ".pt2", ".pkl")


@dataclass(frozen=True)
class ModelFile:
    """Tensors and metadata of one file.

    Attributes:
        path: Where it lies.
        tensors: Shapes and types by name.
        metadata: Texts of the file.
        identity: Changes when the file does: path with links followed, size, time of change.
    """

    path: Path
    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]
    identity: tuple[str, int, int]
    _pickled: Mapping[str, torch.Tensor] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> "ModelFile":
        """Reads what the file holds, no tensor of it.

        Cost: a few milliseconds for a safetensors file; pickled ones are unpickled (memory-mapped).

        Raises:
            ModelFileError: if it cannot be a model file; the message says what it is and what to do.
        """
        try:
            status = path.stat()
            identity = (str(path.resolve()), status.st_size, status.st_mtime_ns)
            suffix = path.suffix.lower()
            if suffix in SAFE_SUFFIXES:
                header = read_header(path)
                return cls(path, header.tensors, header.metadata, identity)
            if suffix not in PICKLED_SUFFIXES:
                known = ", ".join(SAFE_SUFFIXES + PICKLED_SUFFIXES)
                raise ModelFileError(f"{path.name}: files of this kind are not read. Known: {known}.")
            pickled = read_pickled(path)
        except OSError as error:
            raise ModelFileError(f"{path} cannot be opened ({error.strerror}): check its place and rights.") from error
        tensors = {
            name: TensorInfo(tuple(value.shape), str(value.dtype).removeprefix("torch."))
            for name, value in pickled.items()
        }
        return cls(path, tensors, {}, identity, pickled)

    @classmethod
    def of(cls, tensors: Mapping[str, torch.Tensor], name: str = "tensors in memory") -> "ModelFile":
        """Tensors in memory as if they came from a file, so that everything that loads files can load them."""
        infos = {
            key: TensorInfo(tuple(value.shape), str(value.dtype).removeprefix("torch."))
            for key, value in tensors.items()
        }
        return cls(Path(name), infos, {}, (f"{name} {uuid4().hex}", 0, len(infos)), dict(tensors))

    @property
    def layout(self) -> Layout:
        """Names and shapes."""
        return Layout({name: info.shape for name, info in self.tensors.items()}, self.metadata)

    @property
    def parameters(self) -> int:
        """Number of stored values."""
        return sum(math.prod(info.shape) for info in self.tensors.values())

    def read(self, names: "set[str] | frozenset[str] | None" = None) -> dict[str, torch.Tensor]:
        """Tensors by name; all of them if no names are given. They are views of the memory-mapped file: never write.

        Raises:
            ModelFileError: if the file changed or broke since it was opened.
        """
        wanted = self.tensors.keys() if names is None else names
        if self._pickled is not None:
            return {name: self._pickled[name] for name in wanted}
        try:
            with safe_open(self.path, framework="pt", device="cpu") as file:
                return {name: file.get_tensor(name) for name in wanted}
        except (SafetensorError, OSError) as error:
            raise ModelFileError(f"{self.path.name} cannot be read ({error}). Download it again.") from error

    def sha256(self) -> str:
        """The file's SHA-256 as hexadecimal digits. Cost: reads the whole file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
