"""The journal: what was asked for and what became of it, kept so that nothing acknowledged is ever lost.

A Journal is the only place where a job's state is decided. Everything else (dispatcher, server, clients) reads it or
appends events to it. Engines are files beside this one (``sqlite_journal``); no engine's words belong in here.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from limner.engine.events import AnyEvent
from limner.jobs.pace import Pace
from limner.jobs.records import Job, Submission
from limner.jobs.selection import Page, Selection

MAX_ATTEMPTS = 2
"""How often a job may really run: once, and once more when its worker was lost."""

MAX_CLAIMS = 5
"""How often a job may be claimed at all, so that one that kills its worker before it starts cannot go on for ever."""

HISTORY_LIMIT = 10_000
"""The most jobs that ``history`` gives in one answer."""

KEYS_REMEMBERED = 24 * 3600 * 1000
"""Milliseconds for which a key that was used is refused."""

KEY_TAKEN = "idempotency_key_reuse"
"""Code of the problem of a key that was used before."""


class Change(NamedTuple):
    """A kept event, and the job after it."""

    job: Job
    event: AnyEvent


class Batch(NamedTuple):
    """Events that the holder of a lease wants to append to a job."""

    job: str
    epoch: int
    events: Sequence[AnyEvent]


class KeptEvent(NamedTuple):
    """An event of a job with its number in that job, from 1."""

    number: int
    event: AnyEvent


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many jobs stand where."""

    waiting: int = 0
    running: int = 0
    finished: int = 0
    held: int = 0
    """Of those that wait."""

    @property
    def remaining(self) -> int:
        """Waiting and running together; what clients call ``queue_remaining``."""
        return self.waiting + self.running


class Keys(Protocol):
    """Keys of requests that may be made only once. Those of jobs are taken by ``Journal.submit``."""

    def is_taken(self, owner: str, space: str, key: str) -> bool:
        """Whether somebody's key for some kind of request was used less than ``KEYS_REMEMBERED`` ago."""
        ...

    def take(self, owner: str, space: str, key: str) -> None:
        """Uses a key; it is on disk when this returns.

        Raises:
            GraphError: if it was used before, with the code ``KEY_TAKEN``.
        """
        ...


class Turns(Protocol):
    """Whose turn it is: the order of waiting jobs, which of them are held, whether any begins at all."""

    @property
    def paused(self) -> bool:
        """Whether no job begins for now."""
        ...

    def pause(self, paused: bool) -> bool:
        """Begins no jobs any more, or begins them again; also after a restart. False: it was so already."""
        ...

    def hold(self, ids: Iterable[str], held: bool, owner: str | None = None) -> list[str]:
        """Keeps waiting jobs from beginning, or lets them go. With an owner, none of others."""
        ...

    def move(
        self, ids: Sequence[str], before: str | None, *, first: bool = False, owner: str | None = None
    ) -> list[str]:
        """Puts waiting jobs, in this order, before another one; before all others, or (None) behind them.

        With an owner, its jobs change places among themselves and nobody else's turn changes. If the other one has
        begun meanwhile, they are the next ones. Gives the ids of those that were moved.
        """
        ...


class Paces(Protocol):
    """How long nodes took, by what they are and how much they had to do."""

    def of(self, types: Iterable[str]) -> list[Pace]:
        """What is known of some node types."""
        ...


class Journal(Protocol):
    """Keeps jobs and their events. Thread-safe; every method blocks until what it says is true on disk.

    All methods raise StorageError when the journal cannot be read or written; nothing was changed then. Jobs that come
    out of it carry no secrets, but for those of ``claim``.
    """

    @property
    def keys(self) -> Keys:
        """Keys of requests that may be made only once."""
        ...

    @property
    def turns(self) -> Turns:
        """The order of waiting jobs."""
        ...

    @property
    def paces(self) -> Paces:
        """How long nodes took."""
        ...

    def next_number(self) -> int:
        """Takes the next automatic queue number, for a submission that was refused or will set it by itself."""
        ...

    def submit(self, submission: Submission) -> Job:
        """Accepts a job; it is on disk when this returns.

        A ``number`` of None takes the next automatic one, negative if ``front``. The same submission sent again while
        it waits or runs gives the job that exists; the id of a finished job starts anew and replaces it.

        Raises:
            StorageError: if it cannot be written, or another job that waits or runs has its id.
            GraphError: if its key was used before, with the code ``KEY_TAKEN``.
            DocumentError: if it holds values that JSON cannot express.
        """
        ...

    def claim(self, worker: str) -> Job | None:
        """Gives the first waiting job to a worker under a new epoch, with its secrets; None if none may begin."""
        ...

    def append(self, job_id: str, epoch: int, events: Sequence[AnyEvent]) -> bool:
        """Appends events; transient ones are left out. False: the epoch is stale or the job final; nothing written."""
        ...

    def append_many(self, batches: Sequence[Batch]) -> list[bool]:
        """Appends to several jobs in one transaction; the answers are in order."""
        ...

    def interrupt_waiting(self, job_id: str) -> Change | None:
        """Ends a waiting job as Interrupted; it goes into the history. None if it does not wait."""
        ...

    def lost(self, job_id: str, epoch: int, reason: str, *, excused: bool = False) -> Change | None:
        """Takes a job from a worker that is gone: Requeued, Interrupted if that was asked for, Failed if it had its
        attempts.

        Args:
            job_id: The job.
            epoch: The lease that was lost; a stale one changes nothing and gives None.
            reason: What became of the worker.
            excused: The job is not to blame and the attempt does not count (a stopped server, a neighbour's fault).
        """
        ...

    def recover(self, reason: str) -> list[Change]:
        """Takes all running jobs from their workers, as ``lost`` does; for a server that starts."""
        ...

    def heartbeat(self, worker: str) -> None:
        """Notes that a worker is alive."""
        ...

    def get(self, job_id: str) -> Job | None:
        """A job in whatever state, or None."""
        ...

    def waiting(self, owner: str | None = None) -> list[Job]:
        """Waiting jobs, of one owner or of all, in the order in which they will run."""
        ...

    def position(self, job_id: str) -> int | None:
        """The place of a waiting job, from 1; None if it does not wait. Cost: a walk over those before it."""
        ...

    def running(self, owner: str | None = None) -> list[Job]:
        """Running jobs, of one owner or of all, in the order of their claims."""
        ...

    def history(self, max_items: int | None = None, offset: int = -1, owner: str | None = None) -> list[Job]:
        """Finished jobs in the order of completion, at most HISTORY_LIMIT.

        Args:
            max_items: At most so many; without an offset the last ones.
            offset: From this index on, 0 the oldest; negative: not given.
            owner: Whose; None: everybody's.
        """
        ...

    def select(self, wanted: Selection) -> Page:
        """A page of jobs in any state, at most HISTORY_LIMIT. Cost: grows with the page and not with the journal."""
        ...

    def events(self, job_id: str, after: int = 0) -> list[KeptEvent]:
        """The kept events of a job with numbers above ``after``."""
        ...

    def remove_waiting(self, ids: Iterable[str] | None = None, owner: str | None = None) -> list[Job]:
        """Takes jobs out of the queue, as their owner asked; None: all. Gives what was removed.

        Those of TRACELESS dialects are gone, others end as Interrupted. With an owner, jobs of others stay.
        """
        ...

    def delete_history(self, ids: Iterable[str] | None = None, owner: str | None = None) -> int:
        """Forgets finished jobs; None: all. Gives how many there were. With an owner, jobs of others stay."""
        ...

    def counts(self, owner: str | None = None) -> Counts:
        """How many jobs, of one owner or of all, stand where. Cost: a look at memory."""
        ...

    def spent(self, owner: str, since: int) -> tuple[int, float]:
        """How many jobs of an owner ran and ended since a moment, and the seconds that this machine took for them."""
        ...

    def close(self) -> None:
        """Writes what is left and lets go of the files."""
        ...
