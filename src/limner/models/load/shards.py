"""Models in several files: found from their index, or from any one of them."""

import json
import re
from pathlib import Path
from typing import Any

from limner.graph.errors import ModelFileError

INDEX = ".index.json"
INDEXES = re.compile(r".+\.index(\.\w+)?\.json")
"""diffusers puts a variant's name before the last suffix: ``model.safetensors.index.fp16.json``."""

SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<suffix>\.[A-Za-z]+)")
"""``diffusion_pytorch_model-00001-of-00003.safetensors``."""

MOST = 1000
"""Files of a model; the largest have a few hundred."""

TEXT_LIMIT = 64 * 1024 * 1024
"""Bytes of an index; those of the largest models have about one million."""


def shards_of(path: Path) -> list[Path] | None:
    """The files that belong to an index or a shard, in order; None if the path is neither.

    Raises:
        ModelFileError: if the index makes no sense, or files are missing.
    """
    if INDEXES.fullmatch(path.name):
        return _present(path, _listed(path))
    found = SHARD.fullmatch(path.name)
    if not found or int(found["count"]) < 2:
        return None
    count = int(found["count"])
    if count > MOST:
        raise ModelFileError(f"{path.name} would be one of {count} files, some of which are missing.")
    names = [f"{found['stem']}-{n:05}-of-{count:05}{found['suffix']}" for n in range(1, count + 1)]
    return _present(path, names)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object in a small text file.

    Raises:
        ModelFileError: if it is none.
    """
    try:
        if path.stat().st_size > TEXT_LIMIT:
            raise ModelFileError(f"{path.name} is too large for a description of a model.")
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{path.name} is no JSON ({error}). Download it again.") from error
    if not isinstance(content, dict):
        raise ModelFileError(f"{path.name} is no JSON object. Download it again.")
    return content


def _listed(path: Path) -> list[str]:
    """Names of files in an index."""
    files = read_json(path).get("weight_map")
    if not isinstance(files, dict) or not files:
        raise ModelFileError(f"{path.name} lists no files under 'weight_map'. Download it again.")
    names = sorted({str(name) for name in files.values()})
    outside = next((name for name in names if Path(name).name != name or name in ("", ".", "..")), None)
    if outside is not None:
        raise ModelFileError(f"{path.name} names {outside[:80]!r}, which is no file beside it.")
    return names


def _present(path: Path, names: list[str]) -> list[Path]:
    """The files beside a path, if all are there."""
    missing = [name for name in names if not (path.parent / name).is_file()]
    if missing:
        shown = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
        raise ModelFileError(
            f"{path.name} is one of {len(names)} files of a model, and {len(missing)} of them are missing: {shown}. "
            "Put them beside it."
        )
    return [path.parent / name for name in names]
