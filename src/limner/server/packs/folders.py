"""What node packs bring as plain files: translations and example workflows, read straight from their folders."""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from limner.storage.folders import Folders

EXAMPLES = ("example_workflows", "example", "examples", "workflow", "workflows")
"""Folders that hold a pack's example workflows; the first that exists counts."""

TOPICS = {"nodeDefs": "nodeDefs.json", "commands": "commands.json", "settings": "settings.json"}
"""Files beside ``main.json`` whose content goes under a key of its own."""

LARGEST_TRANSLATION = 16 << 20

LOG = logging.getLogger(__name__)


def pack_folders(folders: Folders) -> dict[str, Path]:
    """The folders of the packs that are switched on, by name; the first of a name counts."""
    found: dict[str, Path] = {}
    for root in folders.roots("custom_nodes"):
        for path in sorted(root.iterdir()) if root.is_dir() else ():
            if path.is_dir() and not path.name.startswith((".", "__")) and not path.name.endswith(".disabled"):
                found.setdefault(path.name, path)
    return found


def examples_folder(pack: Path) -> Path | None:
    """Where a pack's example workflows are."""
    return next((pack / name for name in EXAMPLES if (pack / name).is_dir()), None)


def example_names(pack: Path) -> list[str]:
    """The names of a pack's example workflows, without their suffix."""
    folder = examples_folder(pack)
    return sorted(path.stem for path in folder.glob("*.json")) if folder else []


def translations(packs: Mapping[str, Path]) -> dict[str, Any]:
    """What packs say in each language, merged; the last pack decides."""
    languages: dict[str, Any] = {}
    for pack in packs.values():
        for folder in sorted((pack / "locales").glob("*/")):
            said = _read(folder / "main.json")
            said |= {topic: content for topic, file in TOPICS.items() if (content := _read(folder / file))}
            if said:
                languages[folder.name] = merged(languages.get(folder.name, {}), said)
    return languages


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both objects as one: what is an object in both is merged, else the second decides."""
    joined = dict(first)
    for key, value in second.items():
        known = joined.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            value = merged(known, value)
        joined[key] = value
    return joined


def scripts(folder: Path) -> Iterator[str]:
    """The scripts below a pack's web folder, with ``/`` between the parts of their names, sorted."""
    return iter(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js") if path.is_file()))


def _read(file: Path) -> dict[str, Any]:
    """A JSON object in a file; an empty one if there is none that can be read, which is logged unless it is absent."""
    try:
        if file.stat().st_size > LARGEST_TRANSLATION:
            raise ValueError(f"more than {LARGEST_TRANSLATION} bytes")
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        LOG.warning("%s is left out: %s", file, error)
        return {}
    return dict(content) if isinstance(content, Mapping) else {}
