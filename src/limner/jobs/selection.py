"""A page out of all jobs: which ones, in which order, how many."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from limner.jobs.records import Job, JobState


class Order(StrEnum):
    """What jobs are sorted by; equal ones by arrival."""

    CREATED = "created"
    DURATION = "duration"


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


class Page(NamedTuple):
    """Jobs in order, and how many there are with those before and after them."""

    jobs: list[Job]
    total: int
