"""A file that is not whole yet: its bytes in ``NAME.part``, and beside it what is known of them.

The note says which bytes are there and of which version of the remote file they are. It is written after the bytes are
on disk, so what it says is true after any crash.
"""

import contextlib
import os
import secrets
import threading
from pathlib import Path

import msgspec

from limner.graph.errors import StorageError
from limner.hub.gaps import Range

try:
    import fcntl
except ImportError:  # Windows opens files for one writer anyway.
    fcntl = None

PART, NOTE = ".part", ".part.json"
"""What names of unfinished files and of their notes end with."""


class PartNote(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file that is not whole.

    Attributes:
        url: Where it comes from.
        size: Bytes of the whole.
        validator: ETag or date of the version that its bytes are of; empty: the server gives none.
        sha256: What the whole should have, or empty.
        done: Which bytes are there.
    """

    url: str
    size: int
    validator: str = ""
    sha256: str = ""
    done: tuple[Range, ...] = ()


class PartFile:
    """The unfinished file for a target, held by one pull at a time; a context manager.

    Args:
        target: Where the whole file will be.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + PART)
        self._note = target.with_name(target.name + NOTE)
        self._file = -1
        self._lock = threading.Lock()  # One place in the file for all; not every system can read and write at a place.

    def __enter__(self) -> "PartFile":
        """Opens it.

        Raises:
            StorageError: if it cannot be written, or somebody else fetches the same file now.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise StorageError(f"{self.path} cannot be written: {error.strerror or error}.") from error
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise StorageError(f"{self.target.name} is being fetched by another program: wait for it.") from error
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def note(self) -> PartNote | None:
        """What is known of the bytes that are there; None if nothing is."""
        try:
            note = msgspec.json.decode(self._note.read_bytes(), type=PartNote)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        held = os.fstat(self._file).st_size
        return note if all(0 <= begin < end <= held for begin, end in note.done) else None

    def remember(self, note: PartNote) -> None:
        """Writes down what is there. Cost: waits until the bytes are on disk."""
        os.fsync(self._file)
        beside = self._note.with_name(f"{self._note.name}.{secrets.token_hex(4)}")
        try:
            beside.write_bytes(msgspec.json.encode(note))
            beside.replace(self._note)
        finally:
            beside.unlink(missing_ok=True)

    def write(self, offset: int, data: bytes) -> None:
        """Puts bytes in their place."""
        view = memoryview(data)
        with self._lock:
            os.lseek(self._file, offset, os.SEEK_SET)
            while view:
                view = view[os.write(self._file, view) :]

    def read(self, offset: int, length: int) -> bytes:
        """Bytes that are there."""
        with self._lock:
            os.lseek(self._file, offset, os.SEEK_SET)
            return os.read(self._file, length)

    def empty(self) -> None:
        """Forgets all bytes."""
        os.ftruncate(self._file, 0)
        self._note.unlink(missing_ok=True)

    def truncate(self, size: int) -> None:
        """Cuts off what an earlier version had behind the end."""
        os.ftruncate(self._file, size)

    def put_aside(self) -> Path:
        """Gives a file that is not what it should be another name, under which no program takes it for a model."""
        aside = self.target.with_name(self.target.name + ".rejected")
        self.path.replace(aside)
        self._note.unlink(missing_ok=True)
        return aside

    def commit(self) -> None:
        """Gives the whole file its name.

        Raises:
            FileExistsError: if another file has got it meanwhile.
            OSError: if it cannot be done.
        """
        os.fsync(self._file)
        try:
            os.link(self.path, self.target)
        except FileExistsError:
            raise
        except OSError:  # A file system without hard links.
            if self.target.exists():
                raise FileExistsError(str(self.target)) from None
            self.path.replace(self.target)
        self.discard()
        _sync_folder(self.target.parent)

    def discard(self) -> None:
        """Removes the unfinished file and its note."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Makes a new name in a folder last; not all systems can."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
