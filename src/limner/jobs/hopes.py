"""Which errands may be tried before their time: once a place has taken one, others that failed there may hope.

Each is tried early only once between two tries of its schedule, so that one which fails for reasons of its own does not
use up its tries because others succeed.
"""

import threading
import time

MOST = 10_000
"""Places whose answers are remembered; without them a try waits for its schedule, or for the next answer."""


class Hopes:
    """What is known of places and of those that failed there. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: dict[str, set[int]] = {}
        self._answered: dict[str, float] = {}
        self._hastened: set[int] = set()

    def begin(self, number: int) -> tuple[float, bool]:
        """An errand is tried: the moment, and whether it is before its time."""
        with self._lock:
            hastened = number in self._hastened
            self._hastened.discard(number)
        return time.monotonic(), hastened

    def failed(self, number: int, place: str, moment: float) -> bool:
        """A try that began at a moment failed; True: the place has taken another since, so it is tried again now."""
        with self._lock:
            if self._answered.get(place, 0.0) > moment:
                self._hastened.add(number)
                return True
            self._failed.setdefault(place, set()).add(number)
        return False

    def answered(self, place: str) -> set[int]:
        """A place has taken an errand; gives those that failed there, which are to be tried now."""
        with self._lock:
            if len(self._answered) >= MOST:
                self._answered.clear()
            self._answered[place] = time.monotonic()
            waiting = self._failed.pop(place, set[int]())
            self._hastened |= waiting
        return waiting
