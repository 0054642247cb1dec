"""The outbox: what is to be done after jobs have ended, kept until it is done.

Errands come into it with their jobs (``Submission.errands``) and become due in the transaction that ends the job, so a
server that dies in between forgets none. Each is carried at least once; whoever carries one makes sure that twice is as
good as once. Engines are files beside this one (``sqlite_outbox``).
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from limner.jobs.records import Errand, Job


class ErrandState(StrEnum):
    """Where an errand stands; the last two are final, unless somebody has it done again."""

    HELD = "held"
    DUE = "due"
    DONE = "done"
    GIVEN_UP = "given_up"


SETTLED = frozenset({ErrandState.DONE, ErrandState.GIVEN_UP})


class KeptErrand(msgspec.Struct, frozen=True, kw_only=True):
    """An errand as the outbox holds it.

    Attributes:
        id: Its number in the outbox.
        job: Id of the job that it follows.
        owner: Whose it is.
        errand: What is to be done; its secrets are given only to those who carry it.
        state: Where it stands.
        record: The job as it ended; None until then.
        attempts: How often it was tried in vain.
        due: Not before, milliseconds since the epoch.
        result: What came of it; None until it is done.
        reason: Why the last try failed.
        ended: When it was done or given up, milliseconds since the epoch; 0: not yet.
    """

    id: int
    job: str
    owner: str
    errand: Errand
    state: ErrandState
    record: Job | None = None
    attempts: int = 0
    due: int = 0
    result: Any = None
    reason: str = ""
    ended: int = 0


class Outbox(Protocol):
    """Keeps errands. Thread-safe; every method blocks until what it says is true on disk.

    All methods raise StorageError when the outbox cannot be read or written; nothing was changed then.
    """

    def due(self, now: int, limit: int, but: Collection[int] = ()) -> list[KeptErrand]:
        """The errands to carry now, with their secrets, those that wait longest first.

        Args:
            now: Milliseconds since the epoch.
            limit: At most so many.
            but: Numbers of those that are being carried.
        """
        ...

    def next_due(self, now: int) -> int | None:
        """When the next errand after ``now`` is due; None: none is."""
        ...

    def done(self, number: int, result: Any) -> None:
        """Notes that an errand is done and wipes its secrets."""
        ...

    def again(self, number: int, due: int, reason: str, *, counted: bool = True) -> None:
        """Notes a try in vain; the next one is at ``due``. One that came before its time is not counted."""
        ...

    def give_up(self, number: int, reason: str) -> None:
        """Notes that an errand is not tried any more. Its secrets stay, for ``redeliver``, until it is forgotten."""
        ...

    def hasten(self, numbers: Iterable[int], now: int) -> None:
        """Makes errands due that wait for their next try: what stood in their way is gone."""
        ...

    def redeliver(self, number: int, now: int) -> bool:
        """Has an errand done again, as if it had never been tried; False: there is none, or its job has not ended."""
        ...

    def get(self, number: int) -> KeptErrand | None:
        """One errand, without secrets."""
        ...

    def of_job(self, job: str) -> list[KeptErrand]:
        """The errands of a job by stages, without secrets; those of the latest job if several had the id."""
        ...

    def latest(self, limit: int, owner: str | None = None, state: ErrandState | None = None) -> list[KeptErrand]:
        """The newest errands first, without secrets.

        Args:
            limit: At most so many.
            owner: Whose; None: everybody's.
            state: In which state; None: in any.
        """
        ...

    def outstanding(self) -> dict[str, int]:
        """How many errands are due and not done, by kind."""
        ...

    def forget(self, before: int) -> int:
        """Forgets what was done or given up before a moment; gives how many."""
        ...
