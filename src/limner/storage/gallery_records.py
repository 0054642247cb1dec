"""The gallery as records: an owner's pictures, films and sounds, what is known of them and what people say of them.

A file is named by its path below the owner's output folder, ``/`` between folders. Times in milliseconds since the
epoch.
"""

from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

TRASH = ".trash"
"""The folder below the output folder that trash lies in; names that begin with a dot are listed nowhere."""

TRASH_DAYS = 30
"""After so many days trash is gone."""

LARGEST_RATING = 5


class State(StrEnum):
    """Where a file is."""

    HERE = "here"
    TRASHED = "trashed"
    GONE = "gone"
    """Not on the disk any more. What people said of it is kept, in case it comes back."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the gallery.

    Attributes:
        number: Its number in the index.
        key: Its id for clients.
        path: Where it lies now.
        home: Where it lay before it went to the trash; empty otherwise.
        name: Its file name, as it is shown.
        media: ``image``, ``video`` or ``audio``.
        size: Bytes.
        modified: The file's time in nanoseconds.
        width: Pixels; 0: not known.
        model: Name of the model that made it, or empty.
        seed: As a text, since numbers of 64 bits do not fit into JSON's.
        alt: What somebody wrote for those who cannot see it.
        trashed: When it went to the trash; 0: it did not.
    """

    number: int
    key: str
    path: str
    home: str
    name: str
    media: str
    size: int
    modified: int
    created: int
    width: int
    height: int
    prompt: str
    model: str
    seed: str
    app: str
    job: str
    alt: str
    starred: bool
    rating: int
    board: str
    state: State
    trashed: int
    tags: tuple[str, ...]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What can be read of a file itself.

    Attributes:
        loras: Names.
        app: The app that it was made with, or empty.
    """

    width: int = 0
    height: int = 0
    prompt: str = ""
    negative: str = ""
    model: str = ""
    seed: str = ""
    loras: tuple[str, ...] = ()
    app: str = ""


class Sort(StrEnum):
    """The order of a list."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    RATING = "rating"


class Term(NamedTuple):
    """One thing that is searched for: ``seed`` ``=`` ``7``. Excluded: what has it is not wanted."""

    field: str
    sign: str
    value: str
    excluded: bool = False


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which files are wanted, and in which order.

    Attributes:
        words: Texts in prompts and names, the last of them perhaps unfinished.
        terms: What else must hold.
        trash: What lies in the trash, instead of what does not.
        sort: The order.
        offset: Minutes that the clock in Greenwich is ahead of the asker's, for days.
    """

    words: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    trash: bool = False
    sort: Sort = Sort.NEWEST
    offset: int = 0


class Page(NamedTuple):
    """Files in order, how many there are in all, and what to ask for to have the next ones; empty: there are none."""

    entries: list[Entry]
    total: int
    after: str


class Positions(NamedTuple):
    """How a list lies, without its entries: enough to lay out all of it.

    Attributes:
        total: How many there are.
        days: Days and how many each has, in order; none if the order is not by time.
        shapes: Width over height times 100 and how many follow each other with it, in order.
    """

    total: int
    days: list[tuple[str, int]]
    shapes: list[tuple[int, int]]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of files from now on; what is None stays."""

    starred: bool | None = None
    rating: int | None = None
    board: str | None = None
    alt: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of what, the most frequent first; boards by name, days the newest first."""

    counts: dict[str, int]
    models: list[tuple[str, int]]
    loras: list[tuple[str, int]]
    apps: list[tuple[str, int]]
    tags: list[tuple[str, int]]
    boards: list[tuple[str, int]]
    days: list[tuple[str, int]]

    def told(self) -> dict[str, Any]:
        """As JSON."""
        lists = {name: getattr(self, name) for name in ("models", "loras", "apps", "tags", "boards", "days")}
        return {
            "counts": self.counts,
            **{name: [{"name": entry, "count": count} for entry, count in found] for name, found in lists.items()},
        }
