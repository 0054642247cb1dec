"""Looks at model files that are here: are they whole, do they lie where they belong, are they still what they were."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.graph.errors import LimnerError, ModelFileError
from limner.hub.arrivals import check_arrival, true_suffix
from limner.hub.digests import digests_of, never
from limner.hub.holdings import Asked, Holding, Holdings, unasked
from limner.hub.part_file import PART
from limner.storage.gguf_header import read_gguf_header
from limner.storage.safetensors_header import TensorInfo, read_header
from limner.storage.tensor_marks import kind_of_tensors

WHOLE, RECORDED, CHANGED, DAMAGED = "whole", "recorded", "changed", "damaged"
"""How a check ended: the digest is the recorded one; there was none, now there is; it is another one; no such model."""

MISPLACED: dict[str, frozenset[str]] = {
    "checkpoints": frozenset({"loras", "vae", "text_encoders", "controlnet", "embeddings", "clip_vision"}),
    "loras": frozenset({"checkpoints", "diffusion_models", "vae", "text_encoders"}),
    "vae": frozenset({"loras", "text_encoders", "diffusion_models"}),
    "text_encoders": frozenset({"loras", "checkpoints", "vae", "diffusion_models"}),
    "diffusion_models": frozenset({"loras", "vae", "text_encoders", "clip_vision"}),
}
"""Kinds of folders, and what surely does not belong into them."""


@dataclass(frozen=True)
class Finding:
    """What is said of a file: ``problem`` is empty if nothing is amiss."""

    held: Holding
    size: int
    problem: str = ""


@dataclass(frozen=True)
class Verdict:
    """How a file's check ended, its digest if it was read, and what to say of it."""

    held: Holding
    state: str
    sha256: str = ""
    message: str = ""


def scan(holdings: Holdings) -> Iterator[Finding]:
    """Looks at all files' headers. Cost: a few kilobytes a file; digests are not taken."""
    for held in holdings:
        try:
            size = held.path.stat().st_size
            suffix = _checked(held.path)
            seems = _seems(held.path, suffix)
        except (LimnerError, OSError) as error:
            yield Finding(held, 0, str(error))
            continue
        problems = [f"seems to belong into {seems}"] if seems in MISPLACED.get(held.kind, ()) else []
        if suffix != held.path.suffix.lower():
            problems.append(f"holds what {suffix} files hold, which does not hinder loading it")
        yield Finding(held, size, "; ".join(problems))


def unfinished(holdings: Holdings) -> list[Path]:
    """Files that a pull has begun and not ended."""
    places = {holdings.folders.place(held) for held in holdings.folders.kinds() if held != "custom_nodes"}
    return sorted(path for place in places if place.is_dir() for path in place.rglob(f"*{PART}"))


def verify(holdings: Holdings, held: Holding, reading: Asked = unasked) -> Verdict:
    """Reads a whole file and compares it with what is recorded of it. Cost: about a second a gigabyte."""
    try:
        _checked(held.path)
        known = holdings.records.of(held.path)
        digests = digests_of(held.path, reading(held.path) or never)
    except (ModelFileError, OSError) as error:
        return Verdict(held, DAMAGED, "", str(error))
    if known is None:
        holdings.records.note(held.path, digests)
        return Verdict(held, RECORDED, digests.sha256, "nothing was known of it; its digest is recorded now")
    if known.digests.sha256 == digests.sha256:
        holdings.records.note(held.path, digests)
        return Verdict(held, WHOLE, digests.sha256)
    source = f" Fetch it again: limner pull {known.origin.source}" if known.origin.source else ""
    message = f"its SHA-256 was {known.digests.sha256} and is {digests.sha256}: it was changed or damaged.{source}"
    return Verdict(held, CHANGED, digests.sha256, message)


def _checked(path: Path) -> str:
    """The suffix that a file's bytes call for; raises ModelFileError if it is not whole."""
    suffix = true_suffix(path)
    check_arrival(path, path.name if suffix == path.suffix.lower() else path.with_suffix(suffix).name)
    return suffix


def _seems(path: Path, suffix: str) -> str:
    """The kind that a file's tensors tell, or empty."""
    if suffix in (".safetensors", ".sft"):
        return kind_of_tensors(read_header(path).tensors)
    return kind_of_tensors(read_gguf_header(path).tensors) if suffix == ".gguf" else ""


def describe(holdings: Holdings, held: Holding) -> dict[str, Any]:
    """What a file says of itself, as JSON: its tensors counted by type, its metadata, where it came from.

    Raises:
        ModelFileError: if it is no such file.
        OSError: if it cannot be read.
    """
    suffix, size = held.path.suffix.lower(), held.path.stat().st_size
    facts: dict[str, Any] = {"kind": held.kind, "name": held.name, "path": str(held.path), "size": size}
    if suffix in (".safetensors", ".sft"):
        header = read_header(held.path)
        facts |= _counted(header.tensors) | {"metadata": dict(header.metadata)}
    elif suffix == ".gguf":
        found = read_gguf_header(held.path)
        facts |= _counted(found.tensors) | {"metadata": {name: str(value) for name, value in found.fields.items()}}
    record = holdings.records.of(held.path)
    if record is not None and record.is_current:
        facts |= {"sha256": record.digests.sha256, "blake3": record.digests.blake3, "source": record.origin.source}
        facts |= {"licence": record.origin.licence, "url": record.origin.url, "pulled": record.pulled}
    return facts


def _counted(tensors: Mapping[str, TensorInfo]) -> dict[str, Any]:
    types = Counter(tensor.dtype for tensor in tensors.values())
    parameters = sum(math.prod(tensor.shape) for tensor in tensors.values())
    return {
        "tensors": len(tensors),
        "parameters": parameters,
        "types": dict(types),
        "seems": kind_of_tensors(tensors),
    }
