"""Who may run beside whom on a worker, and how long a worker that keeps dying is left alone."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Gate:
    """Lets many in together, or one alone.

    A job whose worker was lost is retried alone: if the worker is lost again, it is that job's doing and no other job
    pays for it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = False
        self._wanting = 0

    @contextmanager
    def enter(self, alone: bool, leave_queue: Callable[[], bool]) -> Iterator[bool]:
        """Waits for entry; yields False, without having entered, once ``leave_queue`` says so.

        Args:
            alone: Nobody else may be inside.
            leave_queue: Asked about ten times a second while waiting.
        """
        if not self._wait(alone, leave_queue):
            yield False
            return
        try:
            yield True
        finally:
            with self._changed:
                self._inside -= 1
                self._alone = False
                self._changed.notify_all()

    def _wait(self, alone: bool, leave_queue: Callable[[], bool]) -> bool:
        with self._changed:
            self._wanting += alone
            while self._shut(alone) and not leave_queue():
                self._changed.wait(0.1)
            entered = not self._shut(alone)
            if entered:
                self._inside += 1
                self._alone = alone
            self._wanting -= alone
            self._changed.notify_all()
            return entered

    def _shut(self, alone: bool) -> bool:
        return self._inside > 0 if alone else self._alone or self._wanting > 0


class BackOff:
    """How long to wait before a lost worker is started again: 0.2 s, then 0.5 s, doubling to 30 s."""

    SAME_LOSS = 0.2
    """Losses within so many seconds are one: every running job reports it. So no attempt may come sooner either."""

    def __init__(self) -> None:
        self._losses = 0
        self._last = 0.0

    def lost(self) -> None:
        """The worker was lost."""
        now = time.monotonic()
        if not self._losses or now - self._last >= self.SAME_LOSS:
            self._losses += 1
            self._last = now

    def succeeded(self) -> None:
        """A job went through, so the worker is well."""
        self._losses = 0

    def delay(self) -> float:
        """Seconds still to wait."""
        if not self._losses:
            return 0.0
        # The exponent is bounded: a worker that never starts is lost thousands of times in a night.
        wait = self.SAME_LOSS if self._losses == 1 else min(30.0, 0.5 * 2.0 ** min(self._losses - 2, 10))
        return max(0.0, self._last + wait - time.monotonic())
