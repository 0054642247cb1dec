"""The digests of a file: SHA-256, by which hubs name files, and BLAKE3, by which the list of assets does."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from limner.graph.errors import InterruptedRun

CHUNK = 4 << 20
"""Bytes that are read at once."""

Stopped = Callable[[], bool]
"""Says whether it is to stop."""


def never() -> bool:
    """It is not to stop."""
    return False


@dataclass(frozen=True)
class Digests:
    """Both digests in 64 hexadecimal digits."""

    sha256: str
    blake3: str


class StreamDigests:
    """Digests of a file that grows: they follow its beginning while the rest still arrives.

    Neither digest can be taken out of order or be stored half done, so bytes that arrived early, or in an earlier
    run, are read back. They are in the system's cache, mostly.

    Args:
        read: Gives bytes by offset and length.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._sha256, self._blake3 = hashlib.sha256(), blake3()
        self.position = 0

    def follow(self, front: int) -> None:
        """Goes on up to a position. Blocks; about a gigabyte a second."""
        while self.position < front:
            data = self._read(self.position, min(CHUNK, front - self.position))
            if not data:
                raise OSError(f"The file ends at byte {self.position}, expected {front}.")
            self._sha256.update(data)
            self._blake3.update(data)
            self.position += len(data)

    def result(self) -> Digests:
        """The digests of what was followed."""
        return Digests(self._sha256.hexdigest(), self._blake3.hexdigest())


def digests_of(path: Path, stopped: Stopped = never) -> Digests:
    """The digests of a file.

    Raises:
        OSError: if it cannot be read.
        InterruptedRun: if it was stopped before the end.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        stream = StreamDigests(lambda _, length: file.read(length))
        while stream.position < size:
            if stopped():
                raise InterruptedRun(f"Stopped while {path.name} was read.")
            stream.follow(min(size, stream.position + (CHUNK << 3)))
    return stream.result()
