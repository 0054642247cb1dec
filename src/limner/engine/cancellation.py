"""The wish to stop a run, and everybody who wants to hear of it."""

import threading
from collections.abc import Callable

from limner.graph.errors import InterruptedRun


class Cancellation:
    """A flag that is raised once, from any thread."""

    def __init__(self) -> None:
        self.asked = False
        """True once somebody asked to stop."""
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Asks to stop; asking twice is the same as asking once."""
        with self._lock:
            if self.asked:
                return
            self.asked = True
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Calls the listener once when somebody asks to stop; at once if that has happened."""
        with self._lock:
            if not self.asked:
                self._listeners.append(listener)
                return
        listener()

    def check(self) -> None:
        """Does nothing unless somebody asked to stop.

        Raises:
            InterruptedRun: if somebody did.
        """
        if self.asked:
            raise InterruptedRun("The run was stopped on request.")
