"""Who makes a request, and what is theirs.

Every route that reads or changes something of somebody's asks here. Without accounts everybody is the one user.
"""

from dataclasses import dataclass

from aiohttp import web

from limner.jobs.records import Job
from limner.server.route import SERVICE
from limner.storage.folders import Folders

ONLY_OWNER = "default"
"""Whose everything is while there are no accounts."""


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Attributes:
        owner: Whose the jobs and files are that it makes.
    """

    owner: str = ONLY_OWNER


EVERYBODY = Caller()


def caller_of(request: web.Request) -> Caller:
    """Who makes a request."""
    return EVERYBODY


def folders_of(request: web.Request) -> Folders:
    """Where the files lie that a request may read and write: the caller's own."""
    return request.app[SERVICE].folders


def may_see(request: web.Request, job: Job) -> bool:
    """Whether a request may know of a job, change it and have its files."""
    return True


def job_of(request: web.Request, name: str) -> Job | None:
    """A job that the caller may see. Blocks."""
    job = request.app[SERVICE].dispatcher.journal.get(name)
    return job if job is not None and may_see(request, job) else None
