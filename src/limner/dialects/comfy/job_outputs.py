"""What nodes told clients, counted and with one of it to show: for lists of jobs.

An output is an entry of a list under some key of a node (``images``, ``text`` ...): a file by name, folder and type, or
a text. Flags such as ``animated`` are none.
"""

import mimetypes
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

LONGEST_TEXT = 1024
"""Characters of a text that a list shows."""

SHAPES = frozenset({".fbx", ".glb", ".gltf", ".obj", ".ply", ".spz", ".stl", ".usdz", ".splat", ".ksplat"})
TEXTS = frozenset({".csv", ".json", ".md", ".srt", ".txt", ".xml", ".yaml", ".yml"})
MEDIA_KEYS = frozenset({"images", "gifs", "video", "videos", "audio", "3d"})
FURTHER_MEDIA = frozenset({".avif", ".flac", ".jxl", ".opus", ".webp"})

SAVED_MEDIA, MEDIA, TEXT_FILE, TEXT, OTHER = range(5)
"""How much an output is worth showing, the best first."""


class Output(NamedTuple):
    """One output: its worth, and what a list says of it."""

    worth: int
    shown: dict[str, Any]


def outputs_summary(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """``outputs_count``, ``previewable_outputs_count`` and, if anything can be shown, ``preview_output``."""
    found = list(_outputs(outputs))
    best = min(found, key=lambda output: output.worth, default=None)
    summary: dict[str, Any] = {
        "outputs_count": len(found),
        "previewable_outputs_count": sum(output.worth < OTHER for output in found),
    }
    return summary | ({"preview_output": best.shown} if best is not None and best.worth < OTHER else {})


def _outputs(outputs: Mapping[str, Any]) -> Iterator[Output]:
    found = (_output(node, key, entry) for node, told in outputs.items() for key, entry in entries_of(told))
    return (output for output in found if output is not None)


def entries_of(told: Any) -> Iterator[tuple[str, Any]]:
    """What a node told, entry by entry, each with the key of its list."""
    for key, entries in told.items() if isinstance(told, Mapping) else ():
        if isinstance(entries, list | tuple):
            yield from ((key, entry) for entry in entries)


def _output(node: str, key: str, entry: Any) -> Output | None:
    if isinstance(entry, Mapping) and isinstance(entry.get("filename"), str):
        return _file(node, key, entry)
    if isinstance(entry, str) and entry:
        return _text(node, entry)
    return None


def _file(node: str, key: str, entry: Mapping[str, Any]) -> Output:
    kind = entry.get("type")
    shown = {
        "filename": entry["filename"],
        "subfolder": str(entry.get("subfolder") or ""),
        "type": kind if isinstance(kind, str) else "output",
        "nodeId": node,
        "mediaType": key,
    }
    suffix = PurePosixPath(entry["filename"]).suffix.lower()
    if key in MEDIA_KEYS or is_media(entry["filename"]):
        return Output(SAVED_MEDIA if shown["type"] == "output" else MEDIA, shown)
    return Output(TEXT_FILE if suffix in TEXTS else OTHER, shown)


def _text(node: str, text: str) -> Output:
    if len(text) < 500 and PurePosixPath(text).suffix.lower() in SHAPES and "\n" not in text:
        shown = {"filename": text, "subfolder": "", "type": "output", "nodeId": node, "mediaType": "3d"}
        return Output(SAVED_MEDIA, shown)
    cut = {"truncated": True} if len(text) > LONGEST_TEXT else {}
    return Output(TEXT, {"content": text[:LONGEST_TEXT], **cut, "nodeId": node, "mediaType": "text"})


def is_media(name: str) -> bool:
    """Whether a file is a picture, a film, a sound or a shape, by its name."""
    suffix = PurePosixPath(name).suffix.lower()
    kind = mimetypes.guess_type(name)[0] or ""
    return suffix in SHAPES or suffix in FURTHER_MEDIA or kind.startswith(("image/", "video/", "audio/"))
