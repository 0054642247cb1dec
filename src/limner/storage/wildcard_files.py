"""Wildcards on disk: text files with an option a line, and YAML files with lists in trees.

``animals/cats.txt`` is ``__animals/cats__``. In a YAML file the way to a list is its name: ``warm`` below ``colours``
is ``__colours/warm__``, whatever the file is called; a list alone takes the file's name. ``*`` stands for part of a
name, ``**`` for several folders; capitals do not matter.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from limner.graph.errors import LimnerError, StepError
from limner.graph.prompt_grammar import Option, parse_option
from limner.storage.folders import ONLY_OWNER, Folders, resolve

FOLDER = "wildcards"
SUFFIXES = (".txt", ".yaml", ".yml")
LARGEST_FILE = 16 << 20
MOST_OPTIONS = 100_000


def own_wildcards(folders: Folders) -> Path:
    """Where the wildcards lie that a user keeps for himself; those in the data folder are everybody's."""
    return folders.user / ONLY_OWNER / FOLDER


class WildcardFiles:
    """The wildcards of some folders; each file is read once, when it is asked for."""

    def __init__(self, folders: Folders) -> None:
        self._roots = (own_wildcards(folders), folders.data / FOLDER, *folders.extra.get(FOLDER, ()))
        self._known: dict[str, Sequence[Option]] = {}
        self._texts: dict[str, Path] | None = None
        self._lists: dict[str, list[Any]] = {}

    def stamp(self) -> str:
        """Changes when a file does."""
        told = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in self._files()]
        return "\n".join(sorted(told))

    def options(self, name: str) -> Sequence[Option]:
        """What a wildcard stands for.

        Raises:
            StepError: if there is none of that name; says where they are looked for.
            StorageError: if the name leaves the folder.
        """
        if name not in self._known:
            lines = [line for known in self._named(name) for line in self._lines(known)]
            if len(lines) > MOST_OPTIONS:
                raise StepError(f"__{name}__ has {len(lines)} options; at most {MOST_OPTIONS} are read.")
            self._known[name] = tuple(map(parse_option, lines))
        return self._known[name]

    def names(self) -> list[str]:
        """All wildcards there are, sorted."""
        self._look()
        return sorted((self._texts or {}).keys() | self._lists.keys())

    def _named(self, name: str) -> list[str]:
        resolve(self._roots[0], name)  # Refuses names that climb. What is read is found by looking, not by joining.
        self._look()
        wanted = name.lower().removesuffix(".txt")
        known = sorted((self._texts or {}).keys() | self._lists.keys())
        found = [entry for entry in known if _fits(entry.lower(), wanted)]
        if not found:
            where = ", ".join(str(root) for root in self._roots)
            near = ", ".join(known[:20]) or "none"
            raise StepError(f"There is no wildcard __{name}__. Known: {near}. They are text files in {where}.")
        return found

    def _lines(self, known: str) -> list[str]:
        if known in self._lists:
            return [_line(known, entry) for entry in self._lists[known] if entry is not None]
        text = _read((self._texts or {})[known])
        lines = (line.strip() for line in text.splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    def _look(self) -> None:
        """Finds out which wildcards there are. A name in the first folder hides it in further ones."""
        if self._texts is not None:
            return
        self._texts = {}
        for root in self._roots:
            for path in _files_below(root):
                self._note(path, path.relative_to(root).with_suffix("").as_posix(), self._texts)

    def _note(self, path: Path, name: str, texts: dict[str, Path]) -> None:
        if path.suffix.lower() == ".txt":
            texts.setdefault(name, path)
            return
        for key, options in _tree(name, _yaml(path)):
            self._lists.setdefault(key, options)

    def _files(self) -> Iterator[Path]:
        for root in self._roots:
            yield from _files_below(root)


def _fits(name: str, wanted: str) -> bool:
    """Whether a name is meant; ``*`` does not reach over folders, ``**`` does."""
    if "**" in wanted:
        return fnmatchcase(name, wanted.replace("**/", "*").replace("**", "*"))
    return name.count("/") == wanted.count("/") and fnmatchcase(name, wanted)


def _files_below(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder) / name for name in sorted(files) if name.lower().endswith(SUFFIXES))


def _read(path: Path) -> str:
    """The text of a file.

    Raises:
        StepError: if it cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise StepError(f"The wildcard file {path.name} is larger than {LARGEST_FILE >> 20} MiB.")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StepError(f"The wildcard file {path.name} cannot be read as UTF-8 text: {error}.") from error


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(_read(path))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise StepError(f"The wildcard file {path.name} is no YAML: {str(error)[:300]}.") from error


def _line(known: str, entry: Any) -> str:
    """An entry of a YAML list as a line.

    Raises:
        StepError: if it is a list or a mapping itself; a few lines of YAML can nest more of these than fit anywhere.
    """
    if isinstance(entry, Collection) and not isinstance(entry, str):
        raise StepError(f"__{known}__ has an entry that is no text. If it has a colon or brackets, put it in quotes.")
    return str(entry)


def _tree(name: str, value: Any) -> Iterator[tuple[str, list[Any]]]:
    """The lists of a YAML document by their names.

    Raises:
        StepError: if there are too many; a few lines of YAML can stand for a thousand million.
    """
    stack = [(name, value)] if isinstance(value, list) else _below("", value)
    looked = 0
    while stack:
        name, inner = stack.pop()
        looked += 1
        if looked > MOST_OPTIONS:
            raise StepError(f"A wildcard file has more than {MOST_OPTIONS} lists.")
        if isinstance(inner, dict):
            stack += _below(f"{name}/", inner)
        elif inner is not None:
            yield name, inner if isinstance(inner, list) else [inner]


def _below(prefix: str, value: Any) -> list[tuple[str, Any]]:
    """What a mapping holds, the last first."""
    entries = list(value.items()) if isinstance(value, dict) else []
    return [(f"{prefix}{key}", inner) for key, inner in reversed(entries)]


def stamp_of(folders: Folders) -> str:
    """Changes when a wildcard file does; never fails."""
    try:
        return WildcardFiles(folders).stamp()
    except (OSError, LimnerError):
        return "unreadable"
