"""Reads ``extra_model_paths.yaml``, the file by which people share model folders between programs.

Each section has an optional ``base_path`` and, by model kind, one path or several (one a line) relative to it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from limner.graph.errors import SettingsError

LEGACY = {"unet": "diffusion_models", "clip": "text_encoders"}


def read_extra_paths(file: Path, *, required: bool = False) -> dict[str, tuple[Path, ...]]:
    """Model folders by kind, those of sections marked ``is_default`` first.

    Args:
        file: The YAML file.
        required: A missing file is an error.

    Raises:
        SettingsError: if it is missing but required, or no such file.
    """
    if not file.is_file():
        if required:
            raise SettingsError(f"There is no file {file}: give --extra-model-paths a file that exists.")
        return {}
    try:
        sections = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is no YAML: {error}") from error
    if not isinstance(sections, Mapping):
        raise SettingsError(f"{file} should hold sections, each with a base_path and folders by model kind.")
    found: dict[str, list[Path]] = {}
    named = [section for section in sections.values() if isinstance(section, Mapping)]
    for section in sorted(named, key=lambda section: not section.get("is_default")):
        for kind, path in _folders(section, file.parent):
            found.setdefault(kind, []).append(path)
    return {kind: tuple(dict.fromkeys(paths)) for kind, paths in found.items()}


def _folders(section: Mapping[str, Any], here: Path) -> Iterator[tuple[str, Path]]:
    base = here / Path(str(section.get("base_path") or "")).expanduser()
    for kind, value in section.items():
        if kind in ("base_path", "is_default") or not isinstance(value, str):
            continue
        for line in value.splitlines():
            if line.strip():
                yield LEGACY.get(str(kind), str(kind)), (base / Path(line.strip()).expanduser()).absolute()
