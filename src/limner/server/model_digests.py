"""Digests of the model files that are used: by them pictures tell what drew them, whatever files are called.

Small files are read at once. Large ones would make somebody wait for seconds, so they are read behind everybody's back,
one after the other, and told from then on.
"""

import hashlib
import logging
import struct
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiohttp import web

from limner.graph.errors import InterruptedRun, LimnerError
from limner.hub.digests import CHUNK, digests_of
from limner.hub.records import Records
from limner.server.route import SERVICE

SMALL = 128 << 20
"""Bytes that are read while somebody waits: some tenths of a second."""

LARGEST_HEADER = 64 << 20

LOG = logging.getLogger(__name__)


class ModelDigests:
    """Takes and remembers digests. May be used from any thread; all but ``close`` block.

    Args:
        data: The folder whose records of model files are kept.
    """

    def __init__(self, data: Path) -> None:
        self._records = Records(data)
        self._tensors: dict[tuple[Path, int, int], str] = {}
        """SHA-256 of the tensors alone, by path, size and time of change."""
        self._wanted: set[Path] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="digests")

    def sha256(self, path: Path, *, wanted: bool = True) -> str | None:
        """The digest of a file; None if it is not known yet.

        Args:
            path: The file.
            wanted: A large one is read in the background if nobody has done so.
        """
        try:
            known = self._records.digests_of(path)
            if known is not None:
                return known.sha256
            if path.stat().st_size <= SMALL:
                return self._take(path)
        except (OSError, LimnerError) as error:
            LOG.warning("No digest of %s: %s", path, error)
            return None
        if wanted:
            self._later(path, lambda: self._take(path))
        return None

    def tensors(self, path: Path) -> str | None:
        """The SHA-256 of a safetensors file without its header, which programs change at will; None: not known yet."""
        try:
            state = path.stat()
            key = path, state.st_size, state.st_mtime_ns
            known = self._tensors.get(key)
            if known is None and state.st_size <= SMALL:
                known = self._tensors[key] = self._of_tensors(path)
        except (OSError, InterruptedRun) as error:
            LOG.warning("No digest of %s: %s", path, error)
            return None
        if known is None:
            self._later(path, lambda: self._tensors.update({key: self._of_tensors(path)}))
        return known

    def close(self) -> None:
        """Stops reading."""
        self._stopped.set()
        self._reader.shutdown(wait=False, cancel_futures=True)

    def _take(self, path: Path) -> str:
        digests = digests_of(path, self._stopped.is_set)
        self._records.note(path, digests)
        return digests.sha256

    def _of_tensors(self, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            start = file.read(8)
            size = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            file.seek(8 + size if path.suffix == ".safetensors" and size <= LARGEST_HEADER else 0)
            while data := file.read(CHUNK):
                if self._stopped.is_set():
                    raise InterruptedRun(f"Stopped while {path.name} was read.")
                digest.update(data)
        return digest.hexdigest()

    def _later(self, path: Path, take: Callable[[], object]) -> None:
        with self._lock:
            if path in self._wanted or self._stopped.is_set():
                return
            self._wanted.add(path)

        def read() -> None:
            try:
                take()
            except InterruptedRun:
                return
            except (OSError, LimnerError) as error:
                LOG.warning("No digest of %s: %s", path, error)
            finally:
                with self._lock:
                    self._wanted.discard(path)

        try:
            self._reader.submit(read)
        except RuntimeError:
            LOG.info("No digest of %s: the server stops.", path)


MODEL_DIGESTS: web.AppKey[ModelDigests] = web.AppKey("model_digests", ModelDigests)


def add_model_digests(application: web.Application) -> None:
    """Puts them into an application."""
    digests = ModelDigests(application[SERVICE].folders.data)
    application[MODEL_DIGESTS] = digests

    async def close(_: web.Application) -> None:
        digests.close()

    application.on_cleanup.append(close)
