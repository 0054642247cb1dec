"""A model file, opened: what it holds is known at once, its tensors are read when asked for.

A file may be one file, several that belong together, or a folder of diffusers; see ``opening``.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch

from limner.graph.errors import ModelFileError
from limner.models.load.content import Content, HeldContent, Reading
from limner.models.load.header import TensorInfo
from limner.models.load.layout import Layout
from limner.models.load.opening import open_content
from limner.models.load.scales import FoldedContent, folded
from limner.storage.gguf_header import read_gguf_fields

CHUNK = 1 << 20
"""Bytes that are hashed at once."""


@dataclass(frozen=True)
class ModelFile:
    """Tensors and metadata of one file, of several that belong together, or of a folder.

    Attributes:
        path: Where it lies: the file, an index, any one of its shards, or the folder.
        tensors: Shapes and types by name. A weight that is packed, or stored beside its scales, counts as one tensor
            of its logical shape.
        metadata: Texts of the file; of a folder also its configurations, see ``pipeline_folder``.
        identity: Changes when a file does: path with links followed, size, time of change.
        files: The files that the tensors are in; none for tensors in memory.
    """

    path: Path
    tensors: Mapping[str, TensorInfo] = field(repr=False)
    metadata: Mapping[str, str] = field(repr=False)
    identity: tuple[str, int, int]
    files: tuple[Path, ...] = ()
    _content: Content = field(default_factory=lambda: HeldContent({}), repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> "ModelFile":
        """Reads what a file holds, no tensor of it: safetensors, GGUF, pickled weights, whatever their suffix says;
        an index or a shard of several files; a folder of diffusers.

        Cost: a few milliseconds, up to a tenth of a second for a GGUF file with a large vocabulary; pickled ones are
        unpickled (memory-mapped).

        Raises:
            ModelFileError: if it cannot be a model file; the message says what it is and what to do.
        """
        try:
            content, files = open_content(path)
            statuses = [file.stat() for file in files]
            size, changed = sum(status.st_size for status in statuses), max(status.st_mtime_ns for status in statuses)
            identity = (str((path if path.is_dir() else files[0]).resolve()), size, changed)
        except OSError as error:
            raise ModelFileError(f"{path} cannot be opened ({error.strerror}): check its place and rights.") from error
        return cls(path, content.tensors, content.metadata, identity, files, content)

    @classmethod
    def of(cls, tensors: Mapping[str, torch.Tensor], name: str = "tensors in memory") -> "ModelFile":
        """Tensors in memory as if they came from a file, so that everything that loads files can load them."""
        content = folded(HeldContent(dict(tensors)), name)
        return cls(Path(name), content.tensors, {}, (f"{name} {uuid4().hex}", 0, len(tensors)), (), content)

    @property
    def layout(self) -> Layout:
        """Names and shapes."""
        return Layout({name: info.shape for name, info in self.tensors.items()}, self.metadata)

    @property
    def parameters(self) -> int:
        """Number of stored values."""
        return sum(math.prod(info.shape) for info in self.tensors.values())

    @property
    def folder(self) -> Path:
        """Where other things of the model lie, tokenizers for instance: the folder itself, or the file's."""
        return self.path if self.path.is_dir() else self.path.parent

    def beside(self, *names: str) -> Path | None:
        """The first of some names (``tokenizer_2``, ``spiece.model``) that exists in the folder of the model, or beside
        it where the model is a component of a pipeline; None if there is none.
        """
        places = (self.folder, self.folder.parent) if self.path.is_dir() else (self.folder,)
        return next((place / name for name in names for place in places if (place / name).exists()), None)

    def fields(self) -> Mapping[str, Any]:
        """All metadata of a GGUF file as what it is: numbers, texts, lists. ``tokenizer.ggml.*`` is its tokenizer.

        Returns:
            Nothing for other files.

        Raises:
            ModelFileError: if the file changed or broke since it was opened.
        """
        if "general.architecture" not in self.metadata or len(self.files) != 1:
            return {}
        return read_gguf_fields(self.files[0])

    def read(self, names: Iterable[str] | None = None) -> dict[str, torch.Tensor]:
        """Tensors by name; all of them if no names are given. They are views of the memory-mapped file: never write.

        Raises:
            ModelFileError: if the file changed or broke since it was opened.
        """
        return dict(self.reading(names).tensors)

    def reading(self, names: Iterable[str] | None = None) -> Reading:
        """As ``read``, with a way to give pages of the file back to the system once a tensor was copied."""
        return self._content.read(self.tensors if names is None else names)

    def as_stored(self) -> dict[str, torch.Tensor]:
        """All tensors as the file has them, scales and marks beside their weights: for those who join them themselves.

        Raises:
            ModelFileError: if the file changed or broke since it was opened.
        """
        content = self._content.inner if isinstance(self._content, FoldedContent) else self._content
        return dict(content.read(content.tensors).tensors)

    def sha256(self) -> str:
        """The file's SHA-256 as hexadecimal digits; of several files, one after another. Cost: reads it whole."""
        digest = hashlib.sha256()
        for path in self.files:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
        return digest.hexdigest()
