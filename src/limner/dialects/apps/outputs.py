"""The files and texts that a run leaves, as its answer tells them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from limner.jobs.records import Job
from limner.storage.media_types import media_type

KINDS = ("image", "video", "audio")
MOST_TEXTS = 50
LONGEST_TEXT = 20_000


class OutputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a node saved or showed.

    Attributes:
        node: Which one.
        filename: Its name,
        subfolder: the folder below that of its type,
        folder: and the type: ``output`` or ``temp``.
    """

    node: str
    filename: str
    subfolder: str
    folder: str

    @property
    def media_type(self) -> str:
        """What is in it."""
        return media_type(self.filename)

    @property
    def kind(self) -> str:
        """``image``, ``video``, ``audio`` or ``file``."""
        kind = self.media_type.partition("/")[0]
        return kind if kind in KINDS else "file"

    @property
    def place(self) -> dict[str, str]:
        """As ``/view`` names it."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.folder}


def files_of(job: Job) -> list[OutputFile]:
    """The files that somebody who ran an app expects: those that were saved, else those that were shown."""
    files = [file for node in _nodes(job) for file in _files(node, job.outputs.get(node))]
    return [file for file in files if file.folder == "output"] or [file for file in files if file.folder == "temp"]


def texts_of(job: Job) -> list[str]:
    """The texts that nodes told."""
    told = [text for node in _nodes(job) for text in _texts(job.outputs.get(node))]
    return [text[:LONGEST_TEXT] for text in told[:MOST_TEXTS]]


def _nodes(job: Job) -> Sequence[str]:
    """The nodes that told something, in the order of the workflow."""
    order = {name: number for number, name in enumerate(job.submission.document)}
    return sorted(job.outputs, key=lambda name: order.get(name, len(order)))


def _files(node: str, told: Any) -> Iterator[OutputFile]:
    for entries in told.values() if isinstance(told, Mapping) else ():
        for entry in entries if isinstance(entries, list | tuple) else ():
            if isinstance(entry, Mapping) and isinstance(entry.get("filename"), str):
                subfolder, folder = str(entry.get("subfolder") or ""), str(entry.get("type") or "output")
                yield OutputFile(node=node, filename=entry["filename"], subfolder=subfolder, folder=folder)


def _texts(told: Any) -> Iterator[str]:
    entries = told.get("text") if isinstance(told, Mapping) else None
    yield from (entry for entry in (entries if isinstance(entries, list | tuple) else ()) if isinstance(entry, str))


def renamed(name: str, suffix: str) -> str:
    """A file's name with another ending."""
    return f"{PurePosixPath(name).stem}{suffix}"
