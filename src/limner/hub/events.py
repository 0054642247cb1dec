"""What is told of a pull while it goes on: a closed union of small frozen records."""

from collections.abc import Callable

import msgspec


class PullEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """What all events are."""


class FileStarted(PullEvent, frozen=True, kw_only=True, tag="file_started"):
    """A file is fetched; ``done`` of its ``total`` bytes were there from before. Total -1: the server does not say."""

    name: str
    total: int
    done: int = 0


class FileProgress(PullEvent, frozen=True, kw_only=True, tag="progress"):
    """``done`` of ``total`` bytes of a file are here."""

    name: str
    done: int
    total: int


class FilePaused(PullEvent, frozen=True, kw_only=True, tag="paused"):
    """A connection ended or was refused, for a ``reason``; it is tried again."""

    name: str
    reason: str


class FileChecked(PullEvent, frozen=True, kw_only=True, tag="checking"):
    """A file that is here already is read, to see whether it is the same."""

    name: str
    path: str


class FileFinished(PullEvent, frozen=True, kw_only=True, tag="file_finished"):
    """A file is in its place.

    Attributes:
        how: ``downloaded``, ``linked`` (its bytes were here under another name) or ``present``.
        received: Bytes that came over the network for it this time.
        note: What people should know of it, or empty.
    """

    name: str
    path: str
    kind: str
    how: str
    size: int
    sha256: str = ""
    received: int = 0
    note: str = ""


AnyPullEvent = FileStarted | FileProgress | FilePaused | FileChecked | FileFinished

Tell = Callable[[PullEvent], None]
"""Is told what happens."""
