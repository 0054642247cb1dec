"""InvokeAI: models under numbers of their own, and a database that says what each of them is.

The database is opened for reading only. Where there is none, the folders of older versions say the same by their names:
``models/<base>/<type>/``.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from limner.hub.program import Installation, Program

TYPES = {
    "main": "checkpoints",
    "vae": "vae",
    "lora": "loras",
    "controlnet": "controlnet",
    "control_lora": "loras",
    "t2i_adapter": "controlnet",
    "embedding": "embeddings",
    "clip_vision": "clip_vision",
    "clip_embed": "text_encoders",
    "t5_encoder": "text_encoders",
    "spandrel_image_to_image": "upscale_models",
    "flux_redux": "style_models",
}
"""InvokeAI's types of models, and our kinds."""

WHOLE = frozenset({"checkpoint", "gguf_quantized", "bnb_quantized_nf4b"})
"""Formats of networks that are one file."""

ALONE = frozenset({"flux", "flux2", "z-image", "qwen-image"})
"""Bases whose main models are the network alone."""


def _look(path: Path) -> Installation | None:
    """The installation, known by its configuration or its database."""
    settings = _settings(path)
    database = path / str(settings.get("db_dir") or "databases") / "invokeai.db"
    models = path / str(settings.get("models_dir") or "models")
    if not (path / "invokeai.yaml").is_file() and not database.is_file():
        return None
    rows = _rows(database)
    if not rows:
        return Installation(path, _by_folder(models), notes=("Its database says nothing; folder names were read.",))
    return _by_database(path, models, rows)


def _settings(path: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, yaml.YAMLError, UnicodeDecodeError):
        read = yaml.safe_load((path / "invokeai.yaml").read_text(encoding="utf-8"))
        if isinstance(read, dict):
            return read
    return {}


def _rows(database: Path) -> list[dict[str, Any]]:
    """What the database says of each model; none if it cannot be read."""
    if not database.is_file():
        return []
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            texts = [text for (text,) in connection.execute("SELECT config FROM models")]
        return [row for row in map(json.loads, texts) if isinstance(row, dict)]
    except (sqlite3.Error, ValueError, TypeError):
        return []


def _by_database(root: Path, models: Path, rows: list[dict[str, Any]]) -> Installation:
    folders: dict[str, dict[Path, None]] = {}
    single: dict[str, dict[Path, None]] = {}
    notes: list[str] = []
    for row in rows:
        kind, path = _kind(row), models / str(row.get("path") or "")
        if not kind:
            notes.append(f"{row.get('name')}: models of the type {row.get('type')} have no place here.")
        elif not path.exists():
            notes.append(f"{row.get('name')}: {path} is not there.")
        elif path.is_file() and not path.is_relative_to(models):
            single.setdefault(kind, {})[path] = None
        else:
            folders.setdefault(kind, {})[path.parent] = None
    return Installation(root, _frozen(folders), _frozen(single), tuple(notes))


def _kind(row: dict[str, Any]) -> str:
    """Our kind for a row: whole pipelines are folders, and some networks come without the rest of a checkpoint."""
    kind = TYPES.get(str(row.get("type")), "")
    if kind != "checkpoints":
        return kind
    if row.get("format") not in WHOLE:
        return "diffusers"
    return "diffusion_models" if row.get("base") in ALONE or row.get("format") == "gguf_quantized" else kind


def _by_folder(models: Path) -> dict[str, tuple[Path, ...]]:
    found: dict[str, dict[Path, None]] = {}
    for kind, folder in _named_folders(models):
        found.setdefault(kind, {})[folder] = None
    return _frozen(found)


def _named_folders(models: Path) -> Iterator[tuple[str, Path]]:
    bases = sorted(models.iterdir()) if models.is_dir() else []
    for folder in (base / name for base in bases for name in TYPES if (base / name).is_dir()):
        kind = TYPES[folder.name]
        yield kind, folder
        if kind == "checkpoints" and any(folder.glob("*/model_index.json")):
            yield "diffusers", folder


def _frozen(found: dict[str, dict[Path, None]]) -> dict[str, tuple[Path, ...]]:
    return {kind: tuple(paths) for kind, paths in found.items()}


INVOKEAI = Program("invokeai", 5, "InvokeAI", _look)
