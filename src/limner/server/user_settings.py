"""What people have set in the front end: one JSON object a user, values of any kind by name."""

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from limner.graph.errors import DocumentError
from limner.server.whole_files import write_whole

LARGEST = 8 << 20
"""Bytes of all settings of a user."""

LOG = logging.getLogger(__name__)


class SettingsFiles:
    """Reads and changes settings. May be used from any thread: changes happen one after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def read(self, file: Path) -> dict[str, Any]:
        """All settings; none if there are none yet, or if the file is damaged, which is logged.

        Raises:
            OSError: if it cannot be read.
        """
        try:
            settings = json.loads(file.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError) as error:
            LOG.warning("The settings in %s are damaged (%s); the defaults count.", file, error)
            return {}
        return dict(settings) if isinstance(settings, Mapping) else {}

    def merge(self, file: Path, changes: Mapping[str, Any]) -> None:
        """Sets some settings; the others stay. A damaged file is kept beside as ``.damaged``.

        Raises:
            DocumentError: if there would be too many.
            OSError: if they cannot be written; the old ones stay.
        """
        with self._lock:
            settings = self.read(file)
            if not settings and _is_damaged(file):
                file.replace(file.with_suffix(".damaged"))
            settings.update(changes)
            data = json.dumps(settings, indent=4).encode()
            if len(data) > LARGEST:
                raise DocumentError(f"Settings may take {LARGEST} bytes; these would take {len(data)}.")
            write_whole(file, data)


def _is_damaged(file: Path) -> bool:
    try:
        return not isinstance(json.loads(file.read_bytes()), Mapping)
    except FileNotFoundError:
        return False
    except (ValueError, RecursionError):
        return True
