"""What stands behind a model file: one file or several, tensors as stored or made of what is stored.

Each kind of content says what it holds without reading it, and gives tensors when asked; kinds are put over one
another, so that families see the same names whatever a model came in.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from limner.models.load.header import TensorInfo
from limner.models.load.mapped import MappedFile

Decode = Callable[[str, TensorInfo, Tensor], Tensor]
"""Name, information and bytes of a tensor in a packed format to that tensor."""


def _keep(name: str) -> None:
    """Gives nothing back."""


@dataclass(frozen=True)
class Reading:
    """Tensors that were asked for.

    Attributes:
        tensors: By name; views of files where possible, never to be written.
        drop: Gives a tensor's pages back to the system once it was copied; looking at it again reads it again.
    """

    tensors: Mapping[str, Tensor]
    drop: Callable[[str], None] = _keep


class Content(Protocol):
    """Tensors that can be asked for."""

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """What there is."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """Texts that came with it."""
        ...

    def read(self, names: Iterable[str]) -> Reading:
        """Some of the tensors.

        Raises:
            ModelFileError: if a file changed or broke since it was opened.
            KeyError: if there is no such tensor.
        """
        ...


class HeldContent:
    """Tensors that are in memory already."""

    def __init__(self, held: Mapping[str, Tensor]) -> None:
        self.held = held
        self.tensors: Mapping[str, TensorInfo] = {name: info_of(tensor) for name, tensor in held.items()}
        self.metadata: Mapping[str, str] = {}

    def read(self, names: Iterable[str]) -> Reading:
        """Some of the tensors."""
        return Reading({name: self.held[name] for name in names})


@dataclass(frozen=True)
class MappedContent:
    """The tensors of one file, at known places.

    Attributes:
        path: The file.
        size: Bytes that it had when it was looked at.
        changed: Nanoseconds of its time of change.
        tensors: What there is, with places.
        metadata: Its texts.
        decode: Reads packed formats; None: there are none.
    """

    path: Path
    size: int
    changed: int
    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]
    decode: Decode | None = None

    def read(self, names: Iterable[str]) -> Reading:
        """Some of the tensors."""
        wanted = {name: self.tensors[name] for name in names}
        if not any(info.bytes for info in wanted.values()):
            return Reading({name: torch.empty(info.shape, dtype=_type(info)) for name, info in wanted.items()})
        file = MappedFile.open(self.path, self.size, self.changed)
        tensors = {name: self._tensor(file, name, info) for name, info in wanted.items()}
        return Reading(tensors, lambda name: file.drop(wanted[name].begin, wanted[name].bytes))

    def _tensor(self, file: MappedFile, name: str, info: TensorInfo) -> Tensor:
        dtype = getattr(torch, info.dtype, None)
        if isinstance(dtype, torch.dtype):
            return file.view(info.begin, info.bytes, dtype, info.shape)
        assert self.decode is not None, f"{info.dtype} is no type of torch"
        return self.decode(name, info, file.view(info.begin, info.bytes, torch.uint8, (info.bytes,)))


@dataclass(frozen=True)
class Derived:
    """A tensor that is made of stored ones.

    Attributes:
        names: Of the stored ones.
        info: What comes out.
        make: Makes it; None: the only one as it is.
    """

    names: tuple[str, ...]
    info: TensorInfo
    make: Callable[..., Tensor] | None = None


class DerivedContent:
    """Another content's tensors under other names, or several made into one."""

    def __init__(self, inner: Content, derived: Mapping[str, Derived]) -> None:
        self.inner = inner
        self.derived = derived
        self.tensors: Mapping[str, TensorInfo] = {name: made.info for name, made in derived.items()}
        self.metadata = inner.metadata

    def read(self, names: Iterable[str]) -> Reading:
        """Some of the tensors."""
        wanted = {name: self.derived[name] for name in names}
        reading = self.inner.read({stored for derived in wanted.values() for stored in derived.names})

        def drop(name: str) -> None:
            for stored in wanted[name].names:
                reading.drop(stored)

        return Reading({name: _made(derived, reading.tensors) for name, derived in wanted.items()}, drop)


def _made(derived: Derived, stored: Mapping[str, Tensor]) -> Tensor:
    parts = [stored[name] for name in derived.names]
    return derived.make(*parts) if derived.make else parts[0]


class JoinedContent:
    """Several contents side by side.

    Args:
        parts: With what stands before their names.
        metadata: Texts of the whole.
    """

    def __init__(self, parts: Sequence[tuple[str, Content]], metadata: Mapping[str, str]) -> None:
        self.parts = parts
        self.metadata = metadata
        owned = [
            (n, prefix + name, info) for n, (prefix, part) in enumerate(parts) for name, info in part.tensors.items()
        ]
        self.tensors: Mapping[str, TensorInfo] = {name: info for _, name, info in owned}
        self.owners: Mapping[str, int] = {name: owner for owner, name, _ in owned}

    def read(self, names: Iterable[str]) -> Reading:
        """Some of the tensors."""
        groups: dict[int, list[str]] = {}
        for name in names:
            groups.setdefault(self.owners[name], []).append(name)
        tensors: dict[str, Tensor] = {}
        drops: dict[str, Callable[[], None]] = {}
        for place, group in groups.items():
            prefix, part = self.parts[place]
            reading = part.read([name[len(prefix) :] for name in group])
            for name in group:
                inner = name[len(prefix) :]
                tensors[name] = reading.tensors[inner]
                drops[name] = lambda drop=reading.drop, inner=inner: drop(inner)
        return Reading(tensors, lambda name: drops[name]())


def info_of(tensor: Tensor) -> TensorInfo:
    """What is known of a tensor in memory."""
    return TensorInfo(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), 0, tensor.nbytes)


def _type(info: TensorInfo) -> Any:
    return getattr(torch, info.dtype, torch.float32)
