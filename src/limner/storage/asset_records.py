"""Assets as records: files that clients know by an id, a name and tags of their own.

A file is named by its place (``input``, ``output``, ``temp`` or ``models/<kind>``) and its name there, as workflows
name it, so that a data folder can be moved. Several assets may stand over one file.
"""

from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

MISSING = "missing"
"""The tag of assets whose file is gone; ours alone to set and to take off."""

MODELS = "models/"
"""What the places of models begin with."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was seen.

    Attributes:
        place: Where.
        name: Its name there, ``/`` between folders.
        size: Bytes.
        modified: Nanoseconds since the epoch.
        digest: BLAKE3 of the bytes in 64 hexadecimal digits; empty: not known yet.
    """

    place: str
    name: str
    size: int
    modified: int
    digest: str = ""


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of an asset when it is made.

    Attributes:
        name: Its name; empty: that of the file.
        tags: Tags beside those of its place.
        mime: Media type; empty: by the file's name.
        preview: Id of the asset that is its thumbnail, or empty.
        user_metadata: Whatever clients keep with it.
        metadata: What is known of the file itself.
        job: The job that made the file, or empty.
        id: Its id if it is new; empty: any.
    """

    name: str = ""
    tags: tuple[str, ...] = ()
    mime: str = ""
    preview: str = ""
    user_metadata: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    job: str = ""
    id: str = ""


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset. Times in microseconds since the epoch.

    Attributes:
        file: Number of its file in the index.
        path: The file's name in its place.
        modified: The file's time in nanoseconds.
        job: The job that made it, or empty.
    """

    id: str
    file: int
    name: str
    place: str
    path: str
    size: int
    modified: int
    digest: str
    mime: str
    tags: tuple[str, ...]
    preview: str
    user_metadata: dict[str, Any]
    metadata: dict[str, Any]
    job: str
    created: int
    updated: int
    accessed: int


class Sort(StrEnum):
    """What assets are sorted by; equal ones by id."""

    NAME = "name"
    CREATED = "created_at"
    UPDATED = "updated_at"
    SIZE = "size"
    ACCESSED = "last_access_time"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which assets are wanted.

    Attributes:
        every: They have all these tags.
        some: They have one of these, if there are any.
        none: They have none of these.
        name_contains: Part of the name; case does not matter.
        digest: Their content, or empty.
        sort: What they are sorted by.
        descending: The largest first.
        limit: At most so many.
        offset: After so many.
        after: After the asset with this value and id; then ``offset`` does not count.
    """

    every: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    name_contains: str = ""
    digest: str = ""
    sort: Sort = Sort.CREATED
    descending: bool = True
    limit: int = 20
    offset: int = 0
    after: tuple[str | int, str] | None = None


class AssetPage(NamedTuple):
    """Assets in order, how many there are in all, and whether some follow."""

    assets: list[Asset]
    total: int
    more: bool


def place_tags(place: str) -> tuple[str, ...]:
    """The tags that a place gives. Clients look for models of a kind in two ways."""
    if place.startswith(MODELS):
        kind = place.removeprefix(MODELS)
        return ("models", kind, f"model_type:{kind}")
    return (place,)
