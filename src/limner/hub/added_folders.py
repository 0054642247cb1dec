"""Folders of models that somebody added while the server ran: other programs', or plain ones. Nothing is copied.

They are kept in a file of the data folder, in the format of ``extra_model_paths.yaml``, which the settings read too.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from limner.graph.errors import LimnerError, StorageError
from limner.hub.importing import REFERENCES, link_alone, recognise
from limner.hub.kinds import UNFETCHED
from limner.hub.refusal import PullError
from limner.hub.room import unwritable
from limner.storage.folders import KINDS
from limner.storage.gguf_header import read_gguf_header
from limner.storage.safetensors_header import read_header
from limner.storage.tensor_marks import kind_of_tensors

FILE = "added_model_folders.yaml"
READABLE = (".safetensors", ".sft", ".gguf")
DEEPEST, MOST = 6, 20_000
"""Levels below a plain folder, and files in it, that are looked at."""


@dataclass(frozen=True)
class Found:
    """What is in a folder: whose it is, its model folders by kind, single files by kind, and what is to be said."""

    root: Path
    program: str
    folders: dict[str, tuple[Path, ...]]
    single: dict[str, tuple[Path, ...]]
    notes: tuple[str, ...] = ()


def folders_in(path: Path) -> Found:
    """What is in a folder that might be added.

    Raises:
        PullError: if there is no such folder, or no model in it.
    """
    path = path.expanduser()
    if not path.is_absolute() or not path.is_dir():
        raise PullError("unknown", f"There is no folder {str(path)!r:.300} on the server's machine. Give a whole path.")
    try:
        program, found = recognise(path)
    except PullError:
        return _plain(path)
    single = {kind: tuple(files) for kind, files in found.single.items()}
    return Found(found.root, program.title, dict(found.folders), single, tuple(found.notes))


def add_folder(path: Path, data: Path) -> Found:
    """Notes a folder; what it has by kind is looked for from now on.

    Raises:
        PullError: if there is no model in it, or it cannot be noted.
    """
    found = folders_in(path)
    folders = dict(found.folders)
    for kind, files in found.single.items():
        place = data / REFERENCES / f"{found.root.name}-{_mark(found.root)}" / kind
        try:
            folders[kind] = (*folders.get(kind, ()), link_alone(files, place))
        except OSError as error:
            raise unwritable(place, error) from error
    known = dict(added_folders(data))
    known[str(found.root)] = folders
    _write(data, known)
    return Found(found.root, found.program, folders, {}, found.notes)


def remove_folder(path: str, data: Path) -> dict[str, tuple[Path, ...]]:
    """Forgets an added folder; gives what is not looked for any more.

    Raises:
        PullError: if it was not added here.
    """
    known = dict(added_folders(data))
    if path not in known:
        raise PullError("unknown", f"{path!r:.300} is none of the folders that were added here.")
    gone = known.pop(path)
    _write(data, known)
    return gone


def added_folders(data: Path) -> dict[str, dict[str, tuple[Path, ...]]]:
    """The folders that were added, each with its model folders by kind.

    Raises:
        StorageError: if the file that names them cannot be read.
    """
    file = data / FILE
    try:
        sections = yaml.safe_load(file.read_text("utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise StorageError(f"{file} cannot be read ({error}). Mend or remove it.") from error
    named = [section for section in sections.values() if isinstance(section, Mapping)]
    return {str(section.get("base_path", "")): _kinds(section) for section in named if section.get("base_path")}


def _kinds(section: Mapping[str, object]) -> dict[str, tuple[Path, ...]]:
    return {
        str(kind): tuple(Path(line) for line in text.splitlines() if line.strip())
        for kind, text in section.items()
        if kind != "base_path" and isinstance(text, str)
    }


def _write(data: Path, known: Mapping[str, Mapping[str, tuple[Path, ...]]]) -> None:
    file = data / FILE
    sections = {
        f"folder_{number}": {"base_path": root, **{kind: "\n".join(map(str, paths)) for kind, paths in kinds.items()}}
        for number, (root, kinds) in enumerate(known.items(), 1)
    }
    beside = file.with_suffix(".new")
    try:
        beside.write_text(yaml.safe_dump(sections, sort_keys=False, allow_unicode=True, width=1000), "utf-8")
        beside.replace(file)
    except OSError as error:
        raise unwritable(file, error) from error


def _plain(root: Path) -> Found:
    """A folder of nobody's: folders with the names of kinds, and files that say in their headers what they are.

    Raises:
        PullError: if there is no model in it.
    """
    folders = {
        kind: tuple(root / name for name in names if (root / name).is_dir())
        for kind, names in KINDS.items()
        if kind not in UNFETCHED
    }
    folders = {kind: paths for kind, paths in folders.items() if paths}
    taken = [path for paths in folders.values() for path in paths]
    single: dict[str, list[Path]] = {}
    unknown = 0
    for file in _files(root):
        if any(file.is_relative_to(path) for path in taken):
            continue
        kind = _kind(file)
        if kind:
            single.setdefault(kind, []).append(file)
        else:
            unknown += 1
    if not folders and not single:
        raise PullError("unknown", f"There are no models in {root} that say what they are.")
    notes = (f"{unknown} files do not say what kind of model they are, and are left out.",) if unknown else ()
    return Found(root, "", folders, {kind: tuple(files) for kind, files in single.items()}, notes)


def _files(root: Path) -> list[Path]:
    found: list[Path] = []
    for folder, below, names in os.walk(root):
        deep = len(Path(folder).relative_to(root).parts)
        below[:] = sorted(name for name in below if not name.startswith(".") and deep < DEEPEST)
        found += [Path(folder) / name for name in sorted(names) if name.lower().endswith(READABLE)]
        if len(found) > MOST:
            break
    return found[:MOST]


def _kind(file: Path) -> str:
    try:
        if file.suffix.lower() == ".gguf":
            return kind_of_tensors(read_gguf_header(file).tensors)
        return kind_of_tensors(read_header(file).tensors)
    except (LimnerError, OSError):
        return ""


def _mark(root: Path) -> str:
    """Tells folders of one name apart."""
    return hashlib.sha256(str(root).encode()).hexdigest()[:8]
