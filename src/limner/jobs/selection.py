"""A page out of all jobs: which ones, in which order, how many."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from limner.jobs.records import Job, JobState


class Order(StrEnum):
    """What jobs are sorted by; equal ones by arrival."""

    CREATED = "created"
    DURATION = "duration"
    TURN = "turn"
    """As they will run; of waiting jobs only, the next one first."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs are wanted.

    Attributes:
        states: Jobs in these states.
        workflow: Only jobs of the workflow with this id; None: of any.
        owner: Only jobs of this owner; None: of any.
        order: What they are sorted by.
        descending: The newest, or the longest, first.
        limit: At most so many, 0 or more; None: as many as a journal gives at once.
        offset: After so many, 0 or more.
        labels: Only jobs with all of these.
        after: After the job of this time and id, in the descending order of creation; None: from the first one on.
        group: Only jobs of this group; empty: of any.
        words: Only jobs that have all of these in their titles or texts, in lower case.
        lost: Only jobs that lost their worker.
        since: Only jobs that came at this moment or later; 0: at any.
        until: Only jobs that came before this moment; 0: at any.
    """

    states: frozenset[JobState] = frozenset(JobState)
    workflow: str | None = None
    owner: str | None = None
    order: Order = Order.CREATED
    descending: bool = True
    limit: int | None = None
    offset: int = 0
    labels: dict[str, str] = {}
    after: tuple[int, str] | None = None
    group: str = ""
    words: tuple[str, ...] = ()
    lost: bool = False
    since: int = 0
    until: int = 0


class Page(NamedTuple):
    """Jobs in order, and how many there are with those before and after them."""

    jobs: list[Job]
    total: int
