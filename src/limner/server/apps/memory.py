"""Workflows of apps that were read, for lists of all apps: to read one takes longer than to find its inputs."""

import threading
from collections import OrderedDict
from pathlib import Path

from limner.dialects.apps.reading import read_source
from limner.dialects.apps.records import App
from limner.graph.catalog import Catalog, Lists
from limner.graph.document import Workflow

MOST = 1000
"""Workflows that are remembered."""

Key = tuple[Path, str, int, int]


class AppMemory:
    """Remembers workflows as long as the worker can do the same. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        self._read: OrderedDict[Key, Workflow] = OrderedDict()

    def workflow(self, folder: Path, app: App, catalog: Catalog, lists: Lists) -> Workflow:
        """The workflow of an app; versions never change.

        Args:
            folder: Where its owner's apps lie.
            app: Which one.
            catalog: What the worker can do.
            lists: Named lists of choices.

        Raises:
            DocumentError: if it is none.
        """
        key = (folder, app.name, app.version, app.created)
        with self._lock:
            if self._catalog is not catalog:
                self._catalog = catalog
                self._read.clear()
            known = self._read.get(key)
            if known is not None:
                self._read.move_to_end(key)
                return known
        read = read_source(app.workflow, catalog, lists)
        with self._lock:
            if self._catalog is catalog:
                self._read[key] = read
                while len(self._read) > MOST:
                    self._read.popitem(last=False)
        return read
