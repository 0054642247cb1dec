"""Equal steps of concurrent jobs are computed once: who computes what, and who waits for it."""

import threading
from dataclasses import dataclass, field
from typing import Protocol

from limner.engine.fingerprint import Key


class Passenger(Protocol):
    """A run that computes results, and may wait for those of other runs."""

    def arrived(self, node: str, key: Key) -> None:
        """Called, from the computing run's thread, when a result is there, or when it will not come.

        The run then looks for itself which of the two it is. It has to keep the result before this returns.
        """
        ...


@dataclass(slots=True)
class _Flight:
    """A result that is being computed."""

    owner: Passenger
    waiting: list[tuple[Passenger, str]] = field(default_factory=list)


class Flights:
    """The results that are being computed now. Safe for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Key, _Flight] = {}

    def board(self, key: Key, run: Passenger, node: str) -> bool:
        """Asks to compute a result.

        Returns:
            True: the run computes it, and says ``land`` when it is over, well or not. False: another run does, and
            ``arrived`` will be called.
        """
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                self._flights[key] = _Flight(run)
                return True
            flight.waiting.append((run, node))
            return False

    def land(self, key: Key) -> None:
        """Ends a computation: those who wait for it look whether the result is there."""
        with self._lock:
            flight = self._flights.pop(key)
        for run, node in flight.waiting:
            run.arrived(node, key)

    def leave(self, run: Passenger) -> None:
        """Takes a run that has ended out of everything; what it computed is over."""
        with self._lock:
            own = [key for key, flight in self._flights.items() if flight.owner is run]
            for flight in self._flights.values():
                flight.waiting = [entry for entry in flight.waiting if entry[0] is not run]
        for key in own:
            self.land(key)
