"""Reads files of the gallery: their size, and the settings that they were made with."""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from limner.dialects.apps.answer import MARK
from limner.graph.errors import LimnerError
from limner.graph.film_formats import SELF_CONTAINED
from limner.jobs.records import Submission
from limner.server.gallery.settings import drawn_of, read_settings
from limner.server.pictures import picture_size
from limner.storage.gallery_records import Known

LONGEST_PROMPT = 20_000

SubmissionOf = Callable[[str], Submission | None]
"""What was asked for by a job."""


def read_file(path: Path, media: str, submission: Submission | None = None) -> Known:
    """What can be read of a file; of one that is damaged, nothing."""
    width, height = _size(path, media)
    values = read_settings(path, submission).values
    known = Known(
        width=width,
        height=height,
        prompt=str(values.get("prompt.positive", ""))[:LONGEST_PROMPT],
        negative=str(values.get("prompt.negative", ""))[:LONGEST_PROMPT],
        model=_bare(values.get("model.main")),
        seed=str(values.get("sampler.seed", "")),
        loras=tuple(dict.fromkeys(_bare(entry.get("name")) for entry in values.get("lora.list", ()))),
        app=app_of(submission) if submission is not None else "",
    )
    return _writable(known)


def app_of(submission: Submission) -> str:
    """The app that a job was made with, or empty."""
    mark = submission.extra.get(MARK)
    name = mark.get("app") if isinstance(mark, Mapping) else None
    if isinstance(name, str) and name:
        return name
    place: Any = drawn_of(submission)
    for key in ("extra", "studio", "app", "name"):
        place = place.get(key) if isinstance(place, Mapping) else None
    return place[:200] if isinstance(place, str) else ""


def _size(path: Path, media: str) -> tuple[int, int]:
    try:
        if media == "image":
            return picture_size(path)
        return _film_size(path) if media == "video" else (0, 0)
    except (LimnerError, OSError, ValueError):
        return 0, 0


def _film_size(path: Path) -> tuple[int, int]:
    """Width and height of a film; none if nothing here can read films."""
    try:
        import av  # Optional, and loaded by the first film only.
    except ImportError:
        return 0, 0
    try:
        with av.open(str(path), options=dict(SELF_CONTAINED)) as container:
            stream = container.streams.video[0]
            return stream.width, stream.height
    except (av.FFmpegError, IndexError):
        return 0, 0


def _bare(name: Any) -> str:
    """A model's name without its folders, with its end: ``sdxl.safetensors``."""
    return PurePosixPath(name.replace("\\", "/")).name if isinstance(name, str) else ""


def _writable(known: Known) -> Known:
    """The same without halves of letters, which no database takes."""
    texts = {name: getattr(known, name) for name in ("prompt", "negative", "model", "seed", "app")}
    clean = {name: text.encode("utf-8", "replace").decode() for name, text in texts.items()}
    return msgspec.structs.replace(
        known, **clean, loras=tuple(name.encode("utf-8", "replace").decode() for name in known.loras)
    )
