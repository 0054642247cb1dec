"""Guards imports of packs against those that never come back."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

from comfy_host.packs import Pack, PackRecord

EXIT_HANGING = 86
"""Exit status of a process that a pack's import held up for too long."""


class ImportWatch:
    """Ends the process when an import takes too long: nothing else stops code that does not want to be stopped.

    The pack is switched off before, so that the next process comes up without it.

    Args:
        record: Where it is noted.
        seconds: How long an import may take; 0: as long as it likes.
    """

    def __init__(self, record: PackRecord, seconds: float) -> None:
        self._record, self._seconds = record, seconds

    @contextlib.contextmanager
    def over(self, pack: Pack) -> Iterator[None]:
        """Watches over a block that runs a pack's code."""
        self._record.begin(pack)
        timer = threading.Timer(self._seconds, self._give_up, (pack,)) if self._seconds else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()
            self._record.end()

    def _give_up(self, pack: Pack) -> None:
        reason = f"Its import took longer than {self._seconds:g} s. Mend it or raise the limit, then enable it."
        self._record.switch_off(pack, reason)
        self._record.end()
        print(f"Node pack {pack.name} is switched off: {reason} The worker starts again without it.", file=sys.stderr)
        sys.stderr.flush()
        os._exit(EXIT_HANGING)
