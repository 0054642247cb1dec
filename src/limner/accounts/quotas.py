"""Whether a user may take more: limits against what has been taken, and words for it."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from limner.accounts.records import Quota

SOON = 10
"""Seconds after which it is worth trying again when a job has to end first."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a user has taken.

    Attributes:
        jobs: Jobs that wait or run.
        jobs_today: Jobs since midnight UTC, those included.
        seconds_today: Seconds of the device since then.
        storage: Bytes of files.
    """

    jobs: int = 0
    jobs_today: int = 0
    seconds_today: float = 0.0
    storage: int = 0


class Excess(NamedTuple):
    """Why a user may take no more, and in how many seconds it may be otherwise; 0: not by waiting."""

    message: str
    seconds: int


def excess(quota: Quota, taken: Taken, now: datetime | None = None) -> Excess | None:
    """What keeps a user from one more job; None: nothing."""
    moment = now or datetime.now(UTC)
    if quota.jobs is not None and taken.jobs >= quota.jobs:
        return Excess(f"{taken.jobs} of your jobs wait or run, and {quota.jobs} may. Wait until one ends.", SOON)
    if quota.jobs_per_day is not None and taken.jobs_today >= quota.jobs_per_day:
        return Excess(f"You have had the {quota.jobs_per_day} jobs of a day. {_MIDNIGHT}", _until_midnight(moment))
    if quota.seconds_per_day is not None and taken.seconds_today >= quota.seconds_per_day:
        said = f"Your jobs have taken the {quota.seconds_per_day:g} seconds of the device that a day has for you."
        return Excess(f"{said} {_MIDNIGHT}", _until_midnight(moment))
    return storage_excess(quota, taken.storage)


def storage_excess(quota: Quota, storage: int) -> Excess | None:
    """What keeps a user from storing more; None: nothing."""
    if quota.storage is None or storage < quota.storage:
        return None
    return Excess(f"Your files take {storage} bytes, and {quota.storage} may. Delete some of them.", 0)


def day_began(now: datetime | None = None) -> int:
    """When the day began that counts, in milliseconds since the epoch."""
    moment = now or datetime.now(UTC)
    return int(moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000


_MIDNIGHT = "The next day begins at midnight UTC."


def _until_midnight(moment: datetime) -> int:
    following = moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return max(1, int((following - moment).total_seconds()))
