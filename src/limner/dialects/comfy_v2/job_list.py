"""``GET /jobs``: what a query asks for, and the cursor that leads on."""

import base64
import json
from collections.abc import Iterable, Mapping

from limner.dialects.comfy_v2.job_json import CANCELING, STATES, STATUSES, status_of
from limner.dialects.comfy_v2.labels import read_filters
from limner.dialects.comfy_v2.refusals import refusal
from limner.jobs.records import Job, JobState
from limner.jobs.selection import Selection

LIMIT, MOST = 50, 500
LARGEST = 1 << 62


def read_query(query: Iterable[tuple[str, str]], owner: str | None) -> tuple[Selection, frozenset[str]]:
    """Which jobs are wanted, and in which statuses; none: in all of them.

    Raises:
        GraphError: if a parameter cannot be what it should be.
    """
    pairs = list(query)
    values: Mapping[str, str] = dict(reversed(pairs))
    statuses = _statuses(values.get("status", ""))
    states = frozenset(_state(status) for status in statuses if status != "expired")
    return Selection(
        states=states if statuses else frozenset(JobState),
        labels=read_filters(pairs),
        limit=_limit(values.get("limit", "")),
        after=_after(values.get("cursor", "")),
        owner=owner,
    ), statuses


def job_page(jobs: list[Job], wanted: Selection, statuses: frozenset[str]) -> tuple[list[Job], str | None]:
    """The jobs to tell, and the cursor after them; None: there are no more.

    Args:
        jobs: The selected ones, at most as many as wanted.
        wanted: What was selected.
        statuses: Those that are wanted; a job that is to stop is selected with those that run.
    """
    full = bool(jobs) and len(jobs) == wanted.limit
    cursor = written_cursor(jobs[-1]) if full else None
    return [job for job in jobs if not statuses or status_of(job) in statuses], cursor


def written_cursor(last: Job) -> str:
    """A cursor to the jobs after one."""
    text = json.dumps([last.submission.created, last.submission.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _statuses(text: str) -> frozenset[str]:
    names = frozenset(name.strip().lower() for name in text.split(",") if name.strip())
    unknown = sorted(names - frozenset(STATUSES))
    if unknown:
        raise refusal("invalid_request", f"{', '.join(unknown):.100} is no status; there are {', '.join(STATUSES)}.")
    return names


def _state(status: str) -> JobState:
    return JobState.RUNNING if status == CANCELING else {name: state for state, name in STATES.items()}[status]


def _limit(text: str) -> int:
    if not text:
        return LIMIT
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise refusal("invalid_request", f"limit must be a whole number from 1 to {MOST}, not {text!r:.60}.")
    return min(int(text), MOST)


def _after(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    try:
        created, job = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        created, job = None, None
    if not isinstance(created, int) or abs(created) >= LARGEST or not isinstance(job, str):
        raise refusal("invalid_cursor", "The cursor is none of this server's; begin again without it.")
    return created, job
