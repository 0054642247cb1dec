"""Makes another program's models usable where they are: writes its folders into ``extra_model_paths.yaml``.

What is there already is kept to the letter, comments too: a program's section stands between two comments of ours, and
only what is between them is written again.
"""

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from limner.graph.discovery import discover
from limner.hub import programs
from limner.hub.program import Installation, Program
from limner.hub.refusal import PullError
from limner.hub.room import unwritable

REFERENCES = "references"
"""The folder in the data folder with links to files that lie alone."""


@dataclass(frozen=True)
class Imported:
    """What was taken over: from which program, into which file, which folders by kind, and what is to be said of it."""

    program: str
    root: Path
    file: Path
    folders: dict[str, tuple[Path, ...]]
    notes: tuple[str, ...]


def recognise(path: Path) -> tuple[Program, Installation]:
    """Which program's a folder is, and what is in it.

    Raises:
        PullError: if it is none that is known.
    """
    path = path.expanduser().absolute()
    if not path.is_dir():
        raise PullError("unknown", f"There is no folder {path}. Give the folder that the program is installed in.")
    known = sorted(discover(programs, Program, lambda program: program.name).values(), key=lambda one: one.rank)
    for program in known:
        found = program.look(path)
        if found is not None:
            return program, found
    titles = ", ".join(program.title for program in known)
    raise PullError(
        "unknown",
        f"{path} is no folder of {titles}. Give the folder that such a program is installed in; for a folder laid out "
        "like ComfyUI's models use --models DIR, for any other write an extra_model_paths.yaml.",
    )


def import_installation(path: Path, file: Path, data: Path) -> Imported:
    """Takes over an installation's folders.

    Args:
        path: The installation.
        file: The ``extra_model_paths.yaml`` to write.
        data: The data folder, for links to files that lie alone.

    Raises:
        PullError: if it is no known program's, has no models, or the file cannot be written.
    """
    program, found = recognise(path)
    folders = dict(found.folders)
    for kind, files in found.single.items():
        folders[kind] = (*folders.get(kind, ()), link_alone(files, data / REFERENCES / program.name / kind))
    if not folders:
        raise PullError("unknown", f"{found.root} is {program.title}'s, but there are no model folders in it.")
    try:
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        _write(file, with_section(before, program.name, found.root, folders))
    except OSError as error:
        raise unwritable(file, error) from error
    return Imported(program.title, found.root, file, folders, found.notes)


def with_section(text: str, name: str, root: Path, folders: dict[str, tuple[Path, ...]]) -> str:
    """The text with a section for an installation, in the place of an earlier one for the same root.

    Raises:
        PullError: if the text is no YAML that sections can be added to.
    """
    try:
        sections = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise PullError("invalid", f"extra_model_paths.yaml is no YAML ({error}). Mend it first.") from error
    if not isinstance(sections, dict):
        raise PullError("invalid", "extra_model_paths.yaml should hold sections. Mend it first.")
    begin, end = f"# {root}: imported by `limner models import`", f"# end of {root}"
    old = re.compile(rf"^{re.escape(begin)}\n(?P<name>[^\n:]+):\n.*?^{re.escape(end)}\n", re.MULTILINE | re.DOTALL)
    match = old.search(text)
    title = match["name"] if match else _free(name, sections)
    body = yaml.safe_dump({title: _section(root, folders)}, sort_keys=False, allow_unicode=True, width=1000)
    section = f"{begin}\n{body}{end}\n"
    if match:
        return text[: match.start()] + section + text[match.end() :]
    return f"{text.rstrip()}\n\n{section}".lstrip()


def _section(root: Path, folders: dict[str, tuple[Path, ...]]) -> dict[str, str]:
    """Folders by kind, relative to the root where they are below it, one a line."""
    lines = {
        kind: "\n".join(str(path.relative_to(root) if path.is_relative_to(root) else path) for path in paths)
        for kind, paths in folders.items()
    }
    return {"base_path": str(root), **lines}


def _free(name: str, sections: dict[object, object]) -> str:
    number, title = 1, name
    while title in sections:
        number, title = number + 1, f"{name}_{number + 1}"
    return title


def link_alone(files: tuple[Path, ...], folder: Path) -> Path:
    """A folder with a symbolic link to each file; links of an earlier import are made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_symlink():
            old.unlink()
    for file in files:
        with contextlib.suppress(FileExistsError):
            (folder / file.name).symlink_to(file)
    return folder


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
