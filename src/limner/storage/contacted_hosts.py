"""Remembers which hosts outside of this machine were asked for something, and by whom, so that people can look.

Only names of hosts and moments are kept, in one file of the data folder: no addresses, no contents.
"""

import ipaddress
import logging
import threading
import time
from pathlib import Path

import msgspec

from limner.graph.errors import StorageError

FILE = "limner-hosts.json"

MODELS, PICTURES, PROVIDERS, WEBHOOKS = "models", "pictures", "providers", "webhooks"
"""Why hosts are asked."""

MOST = 1000
"""Hosts that are remembered; those that were asked longest ago go first."""

PAUSE = 60.0
"""Seconds within which another request to the same host only counts, and is written with the next one."""

LOG = logging.getLogger(__name__)


class ContactedHost(msgspec.Struct, kw_only=True):
    """A host that was asked.

    Attributes:
        host: Its name.
        why: For what.
        first: Seconds since 1970 when it was asked first.
        last: The same of the last time.
        count: How often, since the server was started for some of it.
    """

    host: str
    why: str
    first: float
    last: float
    count: int = 0


class ContactedHosts:
    """The record of one data folder. May be used from any thread.

    Args:
        data: The data folder; None keeps it in memory.
    """

    def __init__(self, data: Path | None) -> None:
        self._file = data / FILE if data is not None else None
        self._lock = threading.Lock()
        self._hosts: dict[tuple[str, str], ContactedHost] | None = None
        self._written = 0.0

    def note(self, host: str, why: str) -> None:
        """Notes that a host is asked now, for one of the reasons above. Never raises."""
        if not host or _is_here(host):
            return
        now = time.time()
        with self._lock:
            hosts = self._read()
            known = hosts.get((host, why))
            entry = known or ContactedHost(host=host, why=why, first=now, last=now)
            entry.last, entry.count = now, entry.count + 1
            hosts[host, why] = entry
            if known is None or now - self._written > PAUSE:
                self._write(hosts)
                self._written = now

    def all(self) -> list[ContactedHost]:
        """All of them, the last one first."""
        with self._lock:
            return sorted(self._read().values(), key=lambda entry: -entry.last)

    def clear(self) -> None:
        """Forgets all.

        Raises:
            StorageError: if the file cannot be removed.
        """
        with self._lock:
            self._hosts = {}
            try:
                if self._file is not None:
                    self._file.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"{FILE} cannot be removed ({error.strerror}).") from error

    def _read(self) -> dict[tuple[str, str], ContactedHost]:
        if self._hosts is None:
            self._hosts = {(entry.host, entry.why): entry for entry in self._kept()}
        return self._hosts

    def _kept(self) -> list[ContactedHost]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=list[ContactedHost]) if self._file else []
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            LOG.warning("%s cannot be read (%s); the list of hosts begins anew.", self._file, error)
            return []

    def _write(self, hosts: dict[tuple[str, str], ContactedHost]) -> None:
        while len(hosts) > MOST:
            del hosts[min(hosts, key=lambda name: hosts[name].last)]
        if self._file is None:
            return
        try:
            beside = self._file.with_suffix(".new")
            beside.write_bytes(msgspec.json.encode(list(hosts.values())))
            beside.replace(self._file)
        except OSError as error:
            LOG.warning("%s cannot be written (%s).", self._file, error)


def _is_here(host: str) -> bool:
    """Whether a name is this machine's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
