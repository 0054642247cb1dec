"""What the studio's lists of jobs are read from: pages of rows, one job, estimates, and which jobs a request means."""

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.studio.job_requests import Meant, mark_of
from limner.dialects.studio.job_rows import job_row, job_view
from limner.jobs.journal import Journal
from limner.jobs.pace import Estimate, estimate, loads_of
from limner.jobs.records import Job, JobState
from limner.jobs.selection import Selection
from limner.server.caller import caller_of, changed_owner, job_of
from limner.server.log_book import LogEntry
from limner.server.route import SERVICE

ALIVE = frozenset({JobState.WAITING, JobState.RUNNING})
EVERY_JOB = 10_000
"""The most jobs that a group is taken to have."""

MARGIN = 50
"""Milliseconds around a job within which a line of the log may belong to it."""


def journal_of(request: web.Request) -> Journal:
    """Where jobs are kept."""
    return request.app[SERVICE].dispatcher.journal


def page_of(journal: Journal, wanted: Selection) -> dict[str, Any]:
    """A page of rows, how many there are in all, and where the next page begins. Blocks."""
    page = journal.select(wanted)
    expected = estimates(journal, page.jobs)
    places = {name: place for place, name in enumerate(_turns(journal, wanted, page.jobs), 1)}
    rows = [
        job_row(job, position=places.get(job.submission.id), expected=expected.get(job.submission.id))
        for job in page.jobs
    ]
    more = wanted.limit is not None and len(page.jobs) == wanted.limit < page.total
    return {"jobs": rows, "total": page.total, "next": mark_of(page.jobs[-1]) if more else None}


def view_of(request: web.Request, job: Job) -> dict[str, Any]:
    """One job, with what was logged while it ran for those who may read the log. Blocks."""
    journal = journal_of(request)
    expected = estimates(journal, [job]).get(job.submission.id)
    place = journal.position(job.submission.id) if job.state is JobState.WAITING else None
    log = logged_during(job, request.app[SERVICE].logs.entries()) if caller_of(request).may(Scope.ADMIN) else []
    return {**job_view(job, position=place, expected=expected), "log": log}


def estimates(journal: Journal, jobs: Iterable[Job]) -> dict[str, Estimate]:
    """How long jobs are going to take that are not over, by their ids. Blocks."""
    loads = {job.submission.id: loads_of(job.submission.document) for job in jobs if job.state in ALIVE}
    paces = journal.paces.of({load.type for known in loads.values() for load in known.values()}) if loads else []
    return {name: estimate(known, paces) for name, known in loads.items()}


def logged_during(job: Job, entries: Iterable[LogEntry]) -> list[dict[str, Any]]:
    """What the server logged while a job ran; lines of others that ran beside it are among them."""
    if not job.started:
        return []
    until = job.ended + MARGIN if job.ended else float("inf")
    lines = [{"time": _moment(entry["t"]), "text": entry["m"].rstrip()} for entry in entries]
    return [line for line in lines if job.started - MARGIN <= line["time"] <= until]


def meant_jobs(request: web.Request, meant: Meant, states: frozenset[JobState]) -> list[Job]:
    """The jobs that a request means, of those that its caller may change, in some states. Blocks."""
    if meant.ids:
        found = [job_of(request, name) for name in meant.ids]
        return [job for job in found if job is not None and job.state in states]
    wanted = Selection(states=states, group=meant.group, owner=changed_owner(request), limit=EVERY_JOB)
    return journal_of(request).select(wanted).jobs[::-1]


def _turns(journal: Journal, wanted: Selection, jobs: list[Job]) -> list[str]:
    """Ids of waiting jobs in the order of their turns, if any of a page waits."""
    if not any(job.state is JobState.WAITING for job in jobs):
        return []
    return [job.submission.id for job in journal.waiting(wanted.owner)]


def _moment(text: str) -> int:
    with contextlib.suppress(ValueError):
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    return 0


def told_ids(jobs: Iterable[Job]) -> Mapping[str, list[str]]:
    """The answer of routes that changed jobs."""
    return {"ids": [job.submission.id for job in jobs]}
