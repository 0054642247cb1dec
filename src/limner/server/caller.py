"""Who makes a request, and what is theirs.

Every route that reads or changes something of somebody's asks here. Without accounts everybody is the one user.
"""

from dataclasses import dataclass

from aiohttp import hdrs, web

from limner.accounts.records import Scope
from limner.graph.catalog import Lists
from limner.jobs.records import Job
from limner.server.listing import Listings
from limner.server.owned import OWNED
from limner.server.route import SERVICE, USERS
from limner.server.users import Users
from limner.storage.folders import ONLY_OWNER, Folders

SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Attributes:
        owner: Whose the jobs and files are that it makes.
        scopes: What it may do.
        key: Id of the key that it came with; empty: it needed none.
    """

    owner: str = ONLY_OWNER
    scopes: frozenset[Scope] = frozenset(Scope)
    key: str = ""

    def may(self, scope: Scope) -> bool:
        """Whether it has a scope."""
        return scope in self.scopes


EVERYBODY = Caller()
"""Whoever reaches a server without accounts."""

CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)
"""Where a request keeps who makes it, once its key was looked at."""


def caller_of(request: web.Request) -> Caller:
    """Who makes a request."""
    return request.get(CALLER, EVERYBODY)


def folders_of(request: web.Request) -> Folders:
    """Where the files lie that a request may read and write: the caller's own."""
    return request.app[SERVICE].folders.of_owner(caller_of(request).owner)


def lists_of(request: web.Request) -> Lists:
    """Looks up lists that change: models are everybody's, input files the caller's own."""
    return request.app[OWNED].lists(caller_of(request).owner)


def listings_of(request: web.Request) -> Listings:
    """The listing of node types, with the caller's lists in it."""
    return request.app[OWNED].listings(caller_of(request).owner)


def users_of(request: web.Request) -> Users:
    """Whose settings and files a request may mean. With accounts there is nobody but the caller."""
    users = request.app[USERS]
    return users if CALLER not in request else Users(folders_of(request).user, settings=users.settings)


def may_see(request: web.Request, job: Job) -> bool:
    """Whether a request may know of a job, change it and have its files."""
    return may_see_of(request, job.submission.owner)


def may_see_of(request: web.Request, owner: str) -> bool:
    """The same for anything else that has an owner."""
    caller = caller_of(request)
    if owner == caller.owner:
        return True
    return caller.may(Scope.READ_ALL if request.method in SAFE_METHODS else Scope.ADMIN)


def shown_owner(request: web.Request) -> str | None:
    """Whose jobs a list shows; None: everybody's."""
    caller = caller_of(request)
    return None if caller.may(Scope.READ_ALL) else caller.owner


def changed_owner(request: web.Request) -> str | None:
    """Whose jobs a request changes that names none, or many; None: everybody's, as there are no accounts."""
    return caller_of(request).owner if CALLER in request else None


def job_of(request: web.Request, name: str) -> Job | None:
    """A job that the caller may see. Blocks."""
    job = request.app[SERVICE].dispatcher.journal.get(name)
    return job if job is not None and may_see(request, job) else None
