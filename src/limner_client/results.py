"""What a job left: files on the server and pictures that came over the socket."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, kw_only=True)
class File:
    """A file on the server.

    Attributes:
        filename: Its name.
        subfolder: Below the folder of its type.
        type: ``output``, ``temp`` or ``input``.
        node: The node that made it, or None.
        kind: The list it was in: ``images``, ``gifs``, ``audio`` ...
    """

    filename: str
    subfolder: str = ""
    type: str = "output"
    node: str | None = None
    kind: str = "images"

    @property
    def query(self) -> dict[str, str]:
        """Parameters of ``/view``."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.type}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture as it was encoded.

    Attributes:
        data: Bytes.
        media_type: ``image/png`` and so on.
        node: The node that made it.
        file: Where it lies on the server; None if it came over the socket.
    """

    data: bytes
    media_type: str = "image/png"
    node: str | None = None
    file: File | None = None

    def to_pil(self) -> Image:
        """As a PIL picture. Needs Pillow."""
        from PIL import Image

        picture = Image.open(io.BytesIO(self.data))
        picture.load()
        return picture

    def save(self, path: str | Path) -> Path:
        """Writes the bytes as they are; gives the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.data)
        return path


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a finished job left.

    Attributes:
        job: Its id.
        outputs: By node, as the server's history has it.
        pictures: Saved files first, in the order of the nodes, then those that came over the socket.
        texts: By node, what nodes showed as text.
        seconds: From submission to the end, as the client saw it.
    """

    job: str
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    texts: Mapping[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def files(self) -> list[File]:
        """All files that the job left."""
        return files_of(self.outputs)


def files_of(outputs: Mapping[str, Mapping[str, Any]]) -> list[File]:
    """The files named in a history's outputs, whatever list they are in."""
    return [
        File(
            filename=entry["filename"],
            subfolder=entry.get("subfolder", ""),
            type=entry.get("type", "output"),
            node=node,
            kind=kind,
        )
        for node, lists in outputs.items()
        for kind, entries in lists.items()
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, Mapping) and isinstance(entry.get("filename"), str)
    ]
