"""What another program's installation is to us: folders by model kind, to be searched where they are.

A module in ``programs`` defines one. Layouts are facts about those programs; nothing of them is run or changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Kinds = Mapping[str, tuple[Path, ...]]
"""Folders by model kind."""


@dataclass(frozen=True)
class Installation:
    """What was found of a program.

    Attributes:
        root: Where it is.
        folders: Its model folders by kind.
        single: Files by kind that lie alone in folders of somebody's own, which are not to be searched as a whole.
        notes: What could not be taken over, as sentences.
    """

    root: Path
    folders: Kinds
    single: Kinds = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """A program whose models can be used.

    Attributes:
        name: Of the program, in one word.
        rank: Programs of a lower rank are asked first whether a folder is theirs.
        title: What people call it.
        look: What is in a folder, or None if it is not one of this program's.
    """

    name: str
    rank: int
    title: str
    look: Callable[[Path], Installation | None]


def present(base: Path, layout: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[Path, ...]]:
    """The folders of a layout that are there: kinds, and where below a base their files lie."""
    found = {kind: tuple(base / name for name in names if (base / name).is_dir()) for kind, names in layout.items()}
    return {kind: paths for kind, paths in found.items() if paths}
