"""Which files of a repository are the model: one format, one precision, no training leftovers, no demo pictures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath

from limner.hub.arrivals import PICKLES, TEXTS, WEIGHTS
from limner.hub.kinds import kind_of_path
from limner.hub.refusal import PullError
from limner.hub.room import in_words

UNUSED = ("safety_checker", "onnx", "openvino", "flax", "coreml", ".")
"""Folders and beginnings of names that no program here reads."""

_VARIANT = re.compile(r"\.(fp16|fp32|bf16|fp8|non_ema|ema|ema_only)(?=[.-])")
_SHARD = re.compile(r"-\d{5}-of-\d{5}(?=\.)")
LISTED = 15


@dataclass(frozen=True)
class Entry:
    """A file of a repository: its path there, bytes, and digest, as far as they are known."""

    path: str
    size: int | None = None
    sha256: str = ""

    @property
    def pure(self) -> PurePosixPath:
        """Its path."""
        return PurePosixPath(self.path)

    @property
    def suffix(self) -> str:
        """What its name ends with, in lower case."""
        return self.pure.suffix.lower()


@dataclass(frozen=True)
class Chosen:
    """A file that is taken, the kind if that is known, and the folder inside the kind's, or empty."""

    entry: Entry
    kind: str = ""
    folder: str = ""


def choose(entries: Sequence[Entry], title: str, include: Sequence[str] = ()) -> list[Chosen]:
    """The files that make sense.

    Args:
        entries: All files of a repository.
        title: Its name, which a folder of several files gets.
        include: Patterns of paths or names; none: whatever is usual for its layout.

    Raises:
        PullError: if nothing fits, or several files could be meant; lists them.
    """
    useful = [entry for entry in entries if _is_useful(entry)]
    if include:
        return _matching(useful, title, include)
    if any(entry.path == "model_index.json" for entry in useful):
        return _pipeline(useful, title)
    weights = _plain([entry for entry in useful if entry.suffix in WEIGHTS])
    if not weights:
        raise PullError("unknown", f"{title} holds no model file: expected one of {', '.join(sorted(WEIGHTS))}.")
    if len(weights) == 1 and not _SHARD.search(weights[0].path) and not _is_generic(weights[0]):
        return [Chosen(weights[0], kind_of_path(weights[0].path))]
    if any(entry.path == "config.json" for entry in useful):
        root = [entry for entry in useful if "/" not in entry.path]
        return _component(root, title, "")
    kinds = [kind_of_path(entry.path) for entry in weights]
    if all(kinds) and len(set(kinds)) == len(kinds):
        return [Chosen(entry, kind) for entry, kind in zip(weights, kinds, strict=True)]
    raise PullError("choose", f"{title} holds several models. Name one with --include:\n{listed(weights)}")


def listed(entries: Sequence[Entry]) -> str:
    """Files for people, one a line."""
    lines = [
        f"  {entry.path}  ({in_words(entry.size)})" if entry.size is not None else f"  {entry.path}"
        for entry in entries[:LISTED]
    ]
    return "\n".join([*lines, f"  ... and {len(entries) - LISTED} more"][: LISTED + (len(entries) > LISTED)])


def _is_useful(entry: Entry) -> bool:
    parts = entry.path.lower().split("/")
    return entry.suffix in WEIGHTS | TEXTS and not any(part.startswith(UNUSED) for part in parts)


def _is_generic(entry: Entry) -> bool:
    """Whether a name says nothing without its repository's."""
    return re.match(r"(diffusion_pytorch_model|pytorch_model|model|adapter_model)\b", entry.pure.name) is not None


def _matching(entries: list[Entry], title: str, include: Sequence[str]) -> list[Chosen]:
    found = [
        entry for entry in entries if any(fnmatch(entry.path, one) or fnmatch(entry.pure.name, one) for one in include)
    ]
    if not found:
        weights = [entry for entry in entries if entry.suffix in WEIGHTS]
        raise PullError("unknown", f"{title} holds nothing like {', '.join(include)}. It holds:\n{listed(weights)}")
    together = len(found) > 1 and any(entry.suffix in TEXTS or _SHARD.search(entry.path) for entry in found)
    return [Chosen(entry, kind_of_path(entry.path), title if together else "") for entry in found]


def _pipeline(entries: list[Entry], title: str) -> list[Chosen]:
    """A pipeline of several components, each in a folder of its own."""
    chosen = [Chosen(entry, "diffusers", title) for entry in entries if entry.path == "model_index.json"]
    folders = dict.fromkeys(entry.path.split("/")[0] for entry in entries if "/" in entry.path)
    for folder in folders:
        inside = [entry for entry in entries if entry.pure.parent == PurePosixPath(folder)]
        chosen += _component(inside, f"{title}/{folder}", "diffusers")
    return chosen


def _component(entries: list[Entry], folder: str, kind: str) -> list[Chosen]:
    """The weights of one component, in one format and precision, and what lies beside them."""
    weights = _plain([entry for entry in entries if entry.suffix in WEIGHTS])
    variants = {match[1] if (match := _VARIANT.search(entry.pure.name)) else "" for entry in weights}
    texts = [entry for entry in entries if entry.suffix in TEXTS and _suits(entry, variants, weights)]
    return [Chosen(entry, kind, folder) for entry in (*weights, *texts)]


def _suits(entry: Entry, variants: set[str], weights: list[Entry]) -> bool:
    """Whether a text belongs to the weights that are taken; only indices of shards may belong to others."""
    if ".index." not in entry.pure.name:
        return True
    match = _VARIANT.search(entry.pure.name)
    suffixes = {weight.suffix for weight in weights}
    return (match[1] if match else "") in variants and any(suffix + ".index" in entry.pure.name for suffix in suffixes)


def _plain(weights: list[Entry]) -> list[Entry]:
    """Weights in the safest format, and of those that come in several precisions the plain one.

    A set of shards stands for one file; if a file is there whole and in shards, the whole one is taken.
    """
    safe = [entry for entry in weights if entry.suffix not in PICKLES] or weights
    stems: dict[str, list[Entry]] = {}
    for entry in safe:
        bare = _SHARD.sub("", _VARIANT.sub("", entry.path))
        stems.setdefault(bare, []).append(entry)
    taken: list[Entry] = []
    for several in stems.values():
        first = [entry for entry in several if not _VARIANT.search(entry.pure.name)] or several
        whole = [entry for entry in first if not _SHARD.search(entry.path)]
        taken += whole or first
    return taken
