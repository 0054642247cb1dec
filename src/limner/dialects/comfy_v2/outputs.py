"""What a job made, output by output: files and texts, nothing left out."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from limner.dialects.comfy.job_outputs import entries_of
from limner.jobs.records import Job
from limner.storage.folders import ANNOTATIONS
from limner.storage.media_types import media_type

OUTPUTS = uuid.UUID("6f1d1f0e-5a0c-4d3b-9a53-6d1b2a4c7e10")
"""Namespace of ids of outputs: they stay what they are, even if the index of assets is lost."""

TEXTS = "texts"
"""Folder of the output folder for texts that nodes told and did not save."""

LATENT = ".latent"
KINDS = ("image", "video", "audio", "text")


@dataclass(frozen=True)
class Made:
    """One output.

    Attributes:
        job: Who made it.
        node: The node that told of it.
        place: ``input``, ``output`` or ``temp``.
        path: The file's name there.
        text: What the file holds, if it was told and not saved; None: a node saved it.
    """

    job: str
    node: str
    place: str
    path: str
    text: str | None = None

    @property
    def id(self) -> str:
        """Its asset's id, if none was given before."""
        return str(uuid.uuid5(OUTPUTS, f"{self.job}/{self.place}/{self.path}"))

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.rpartition("/")[2]


def outputs_of(job: Job) -> list[Made]:
    """All outputs, in the order in which they came."""
    found = (made for node, told in job.outputs.items() for made in _of_node(job.submission.id, node, told))
    return list(dict.fromkeys(found))


def _of_node(job: str, node: str, told: Any) -> Iterator[Made]:
    for number, (key, entry) in enumerate(entries_of(told)):
        if isinstance(entry, Mapping) and isinstance(entry.get("filename"), str):
            yield _file(job, node, entry)
        elif isinstance(entry, str) and entry:
            yield _text(job, node, f"{key}/{number}", ".txt", entry)
        elif isinstance(entry, Mapping) and entry:
            yield _text(job, node, f"{key}/{number}", ".json", json.dumps(entry, ensure_ascii=False, default=str))


def _file(job: str, node: str, entry: Mapping[str, Any]) -> Made:
    place = entry.get("type")
    folder = str(entry.get("subfolder") or "").replace("\\", "/").strip("/")
    path = f"{folder}/{entry['filename']}" if folder else entry["filename"]
    return Made(job, node, place if place in ANNOTATIONS else "output", path)


def _text(job: str, node: str, where: str, suffix: str, text: str) -> Made:
    name = uuid.uuid5(OUTPUTS, f"{job}/{node}/{where}")
    return Made(job, node, "output", f"{TEXTS}/{name}{suffix}", text)


def kind_of(name: str) -> str:
    """The kind of a file that clients tell apart."""
    if name.lower().endswith(LATENT):
        return "latent"
    kind = media_type(name).partition("/")[0]
    return kind if kind in KINDS else "file"
