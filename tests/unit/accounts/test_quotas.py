"""Whether somebody may take more."""

from datetime import UTC, datetime

import pytest

from limner.accounts.quotas import Taken, day_began, excess, storage_excess
from limner.accounts.records import Quota

EVENING = datetime(2026, 5, 1, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quota", "taken", "said", "seconds"),
    [
        (Quota(jobs=2), Taken(jobs=2), "2 of your jobs wait or run, and 2 may", 10),
        (Quota(jobs=0), Taken(), "0 of your jobs", 10),
        (Quota(jobs_per_day=5), Taken(jobs_today=5), "the 5 jobs of a day", 3600),
        (Quota(seconds_per_day=1.5), Taken(seconds_today=1.5), "the 1.5 seconds", 3600),
        (Quota(storage=10), Taken(storage=10), "take 10 bytes, and 10 may", 0),
    ],
)
def test_what_is_too_much(quota, taken, said, seconds):
    found = excess(quota, taken, EVENING)
    assert said in found.message
    assert found.seconds == seconds


def test_what_is_not():
    assert excess(Quota(), Taken(jobs=10**6, storage=10**12), EVENING) is None
    limits = Quota(jobs=2, jobs_per_day=5, seconds_per_day=9, storage=10)
    assert excess(limits, Taken(jobs=1, jobs_today=4, seconds_today=8.9, storage=9)) is None
    assert storage_excess(Quota(jobs=0), 10**12) is None


def test_days_begin_at_midnight_utc():
    assert day_began(EVENING) == datetime(2026, 5, 1, tzinfo=UTC).timestamp() * 1000
