"""Sees to it that nobody takes more than the accounts say: jobs when they are asked for, bytes when they are stored."""

import asyncio
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from limner.accounts.accounts import Accounts
from limner.accounts.quotas import Excess, Taken, day_began, excess, storage_excess
from limner.accounts.records import Quota
from limner.graph.errors import GraphError
from limner.graph.problem import Problem
from limner.jobs.dispatcher import Dispatcher
from limner.server.caller import caller_of
from limner.storage.folders import ONLY_OWNER, Folders

FRESH = 5.0
"""Seconds for which a measured folder counts as measured."""

TOO_MANY = 429
NO_QUOTA = Quota()


class Limits:
    """Asks the journal and the folders what somebody has taken. All methods may block, and be called from any thread.

    Args:
        accounts: What users may take.
        dispatcher: Their jobs.
        folders: Where their files are found from.
    """

    def __init__(self, accounts: Accounts, dispatcher: Dispatcher, folders: Folders) -> None:
        self._accounts, self._dispatcher, self._folders = accounts, dispatcher, folders
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._measured: dict[str, tuple[float, int]] = {}

    @contextmanager
    def turn(self, owner: str) -> Iterator[None]:
        """The time in which an owner's job is taken in; one at a time, so that two cannot take the last place.

        Raises:
            GraphError: with status 429, if the owner may have no further job now.
        """
        quota = self._quota(owner)
        if quota == NO_QUOTA:
            yield
            return
        with self._turns[owner]:
            _refuse(excess(quota, self.taken(owner)))
            yield

    def check_storage(self, owner: str) -> None:
        """Raises GraphError, with status 429, if an owner may store nothing more."""
        quota = self._quota(owner)
        if quota.storage is not None:
            _refuse(storage_excess(quota, self._storage(owner)))

    def patience(self, owner: str) -> int:
        """Seconds after which a refused owner may try again."""
        found = excess(self._quota(owner), self.taken(owner))
        return max(1, found.seconds) if found is not None else 1

    def taken(self, owner: str) -> Taken:
        """What an owner has taken."""
        alive = self._dispatcher.counts(owner).remaining
        done, seconds = self._dispatcher.journal.spent(owner, day_began())
        storage = self._storage(owner) if self._quota(owner).storage is not None else 0
        return Taken(jobs=alive, jobs_today=done + alive, seconds_today=seconds, storage=storage)

    def _quota(self, owner: str) -> Quota:
        user = self._accounts.user(owner)
        return user.quota if user is not None else NO_QUOTA

    def _storage(self, owner: str) -> int:
        now = time.monotonic()
        when, size = self._measured.get(owner, (-FRESH, 0))
        if now - when >= FRESH:
            size = storage_of(self._folders, owner)
            self._measured[owner] = now, size
        return size


def storage_of(folders: Folders, owner: str) -> int:
    """Bytes of an owner's files; previews, which are forgotten at the next start, do not count."""
    own = folders.of_owner(owner)
    places = [own.input, own.output, own.user / ONLY_OWNER if owner == ONLY_OWNER else own.user]
    return sum(map(_size, places))


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:
                continue  # It is gone since its folder was read.
    return total


def _refuse(found: Excess | None) -> None:
    if found is not None:
        problem = Problem(code="rate_limited", message=found.message, extra={"status": TOO_MANY})
        raise GraphError(found.message, [problem])


async def check_storage(request: web.Request) -> None:
    """Raises GraphError, with status 429, if the caller may store nothing more; for routes that take files in."""
    limits = request.app.get(LIMITS)
    if limits is not None:
        await asyncio.to_thread(limits.check_storage, caller_of(request).owner)


LIMITS: web.AppKey[Limits] = web.AppKey("limits", Limits)
"""Absent while there are no accounts."""
