"""Lets in who has a key, or an address that was signed for one file; says in the words of each door what is missing."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from aiohttp import hdrs, web

from limner.accounts.accounts import Accounts
from limner.accounts.records import Grant, Scope
from limner.accounts.signing import ADDRESSES, Signer
from limner.server.caller import CALLER, SAFE_METHODS, Caller
from limner.server.credentials import offered
from limner.server.door import Door, all_doors, door_at
from limner.server.frontend_pages import prepare_profile
from limner.server.limits import LIMITS, TOO_MANY, Limits
from limner.server.owner_folders import OwnerFolders
from limner.server.packs.proxy import KEYED
from limner.server.route import ACCESS, MIRROR, PACKS, SERVICE, Access, Handler

VIEW = ("/view", f"{MIRROR}/view")
"""Where signed addresses lead."""

NO_KEY = "A key is needed here: send it as 'Authorization: Bearer lk_...', as the password of a login, or as x-api-key."
KEY_LOOK = 2.0
"""Seconds between looks at whether the key of a request that goes on is still good."""

BAD_KEY = "This key is not taken: it is not one of this server's, has expired, or was taken back."


class Lock:
    """The check as a middleware. It comes before everything that answers.

    Args:
        accounts: Who may come in.
        folders: Makes what a user needs who comes for the first time.
        doors: How refusals are told.
    """

    def __init__(self, accounts: Accounts, folders: OwnerFolders, doors: Sequence[Door]) -> None:
        self._accounts, self._folders, self._doors = accounts, folders, doors
        self.signer = Signer(accounts.secret(ADDRESSES))

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses who may not do what is asked; else notes who asks."""
        needed = needed_for(request)
        if needed is Access.OPEN:
            return await handler(request)
        caller, told = self.caller(request)
        door = door_at(request.path, self._doors)
        if caller is None:
            return door.refusal(401, "unauthorized", told)
        if needed not in caller.scopes:
            return door.refusal(403, "forbidden", f"This key lacks the scope {needed.value!r}, which this takes.")
        request[CALLER], request[KEYED] = caller, True
        if not self._folders.has(caller.owner):
            await asyncio.to_thread(self._folders.make, caller.owner)
        with self._while_good(request, caller.key):
            reply = await handler(request)
        if reply.status == TOO_MANY and hdrs.RETRY_AFTER not in reply.headers and not reply.prepared:
            seconds = await asyncio.to_thread(request.app[LIMITS].patience, caller.owner)
            reply.headers[hdrs.RETRY_AFTER] = str(seconds)
        return reply

    @contextmanager
    def _while_good(self, request: web.Request, key: str) -> Iterator[None]:
        """Drops the connection of what goes on, sockets and streams, once its key is taken back or has expired."""
        loop = asyncio.get_running_loop()

        def look() -> None:
            nonlocal timer
            if not key or self._accounts.holds(key):
                timer = loop.call_later(KEY_LOOK, look)
            elif request.transport is not None:
                request.transport.abort()

        timer = loop.call_later(KEY_LOOK, look)
        try:
            yield
        finally:
            timer.cancel()

    def caller(self, request: web.Request) -> tuple[Caller | None, str]:
        """Who makes a request, or why nobody knows."""
        if request.method in SAFE_METHODS and request.path in VIEW:
            owner = self.signer.owner_of(request.query)
            if owner is not None:
                return Caller(owner, frozenset({Scope.READ_OWN})), ""
        texts = [text for text in offered(request) if text]
        caller = next(filter(None, map(self.caller_of_key, texts)), None)
        return caller, "" if caller is not None else BAD_KEY if texts else NO_KEY

    def caller_of_key(self, key: str) -> Caller | None:
        """Whose a key is; None if it is none of this server's, or not good any more."""
        grant: Grant | None = self._accounts.authenticate(key)
        return Caller(grant.user, grant.scopes, grant.key) if grant is not None else None


def needed_for(request: web.Request) -> Scope | Access:
    """What a request takes: what its route says, else by its method. Packs know no owners, so theirs take more."""
    safe = request.method in SAFE_METHODS
    if request.app[PACKS].answer(request):
        return Scope.READ_ALL if safe else Scope.ADMIN
    access = request.app[ACCESS].get(request.match_info.handler)
    if access is not None:
        return access
    return Scope.READ_OWN if safe else Scope.SUBMIT


LOCK: web.AppKey[Lock] = web.AppKey("lock", Lock)
"""Absent while there are no accounts."""


def add_lock(application: web.Application, accounts: Accounts, place: int) -> None:
    """Puts a lock before the application's middlewares from a place on."""
    service = application[SERVICE]
    made = OwnerFolders(service.folders, prepare_profile if service.frontend is not None else None)
    application[LOCK] = lock = Lock(accounts, made, all_doors())
    application[LIMITS] = Limits(accounts, service.dispatcher, service.folders)
    application.middlewares.insert(place, lock.middleware)
