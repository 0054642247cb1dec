"""The listing of all node types, made once for each state of the catalog and of the lists that it names."""

import gzip
import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from limner.dialects.comfy.object_info import object_info
from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError


class Listing(msgspec.Struct, frozen=True):
    """The bytes of ``/object_info``, plain and compressed, and their tag."""

    body: bytes
    compressed: bytes
    tag: str


class Listings:
    """Makes listings. May be called from any thread; takes milliseconds, and tens of them when something changed."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        self._names: dict[str, Sequence[str]] = {}
        self._packs: Mapping[str, Any] | None = None
        self._current = Listing(b"{}", b"", "")

    def current(self, catalog: Catalog, packs: Mapping[str, Any] | None = None) -> Listing:
        """The listing now.

        Args:
            catalog: What the worker can do.
            packs: What the classes of node packs say of themselves now, in place of what they said at the start; None
                if they cannot be asked.
        """
        with self._lock:
            names = {name: self.look_up(name) for name in self._wanted(catalog)}
            if catalog is not self._catalog or names != self._names or packs != self._packs:
                body = msgspec.json.encode(self._infos(catalog, packs), enc_hook=str)
                tag = hashlib.sha256(body).hexdigest()[:32]
                self._current = Listing(body, gzip.compress(body, 5, mtime=0), f'"{tag}"')
                self._catalog, self._names, self._packs = catalog, names, packs
            return self._current

    def _infos(self, catalog: Catalog, packs: Mapping[str, Any] | None) -> dict[str, Any]:
        if packs is None:
            return object_info(catalog, self.look_up)
        own = {name: described for name, described in catalog.nodes.items() if not described.pack}
        return {**object_info(msgspec.structs.replace(catalog, nodes=own), self.look_up), **packs}

    def look_up(self, name: str) -> Sequence[str]:
        """The entries of a list; none for one that nobody has, so that one node cannot hide the others."""
        try:
            return self._lists(name)
        except (LimnerError, LookupError, OSError):
            return ()

    @staticmethod
    def _wanted(catalog: Catalog) -> set[str]:
        return {
            entry.choices_from
            for described in catalog.nodes.values()
            for entry in described.inputs
            if entry.choices_from and entry.choices_from not in ("samplers", "schedules")
        }
