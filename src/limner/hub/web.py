"""One client for everything that is asked of the web: redirects are followed here, tokens are kept from strangers.

A token goes to the host that it is for and to no other, whatever a redirect says. Every hop is checked against the
addresses that may be asked.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, TypeVar

import aiohttp
import msgspec
from aiohttp import hdrs
from yarl import URL

from limner import __version__
from limner.hub.addresses import Addresses, GuardedResolver
from limner.hub.patience import Attempt, Patience
from limner.hub.refusal import PullError

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 10
LARGEST_ANSWER = 64 << 20
"""Bytes of an answer that is read into memory."""

Result = TypeVar("Result")

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)
_BUFFER = 1 << 20


class Web:
    """Asks the web. An asynchronous context manager; belongs to one event loop.

    Args:
        addresses: Which ones may be asked.
        patience: How often and after how long something is tried again.
        asked: Is told of every host that is asked.
    """

    def __init__(
        self, addresses: Addresses, patience: Patience | None = None, asked: Callable[[str], None] | None = None
    ) -> None:
        self._addresses, self.patience = addresses, patience or Patience()
        self._asked = asked
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Web":
        connector = aiohttp.TCPConnector(limit=0, resolver=GuardedResolver(self._addresses))
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=_TIMEOUT,
            headers={hdrs.USER_AGENT: f"limner/{__version__}"},
            read_bufsize=_BUFFER,
            # A proxy resolves names itself, so none is used where addresses have to be checked.
            trust_env=self._addresses.private,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def get(
        self, url: str, *, token: str = "", headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to a GET after all redirects, whatever its status.

        Raises:
            PullError: if an address may not be asked, or redirects do not end.
            aiohttp.ClientError: if nobody answers.
            TimeoutError: likewise.
        """
        assert self._session is not None
        here, sent = _parsed(url), dict(headers or {})
        if token:
            sent[hdrs.AUTHORIZATION] = f"Bearer {token}"
        for _ in range(MOST_REDIRECTS):
            self._addresses.check(here)
            if self._asked is not None and here.host:
                self._asked(here.host)
            async with self._session.get(here, headers=sent, allow_redirects=False) as answer:
                target = answer.headers.get(hdrs.LOCATION)
                if answer.status not in REDIRECTS or not target:
                    yield answer
                    return
                following = here.join(_parsed(target))
            if following.origin() != here.origin() or (here.scheme, following.scheme) == ("https", "http"):
                sent.pop(hdrs.AUTHORIZATION, None)
            here = following
        raise PullError("unreachable", f"{url} leads from one address to the next and never arrives.")

    async def ask(
        self,
        url: str,
        take: Callable[[aiohttp.ClientResponse], Awaitable[Result]],
        *,
        token: str = "",
        gate: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Result:
        """What ``take`` makes of a good answer; asked again while there is hope.

        Raises:
            PullError: if there is none; says why.
        """
        attempt = self.patience.attempt(url)
        while True:
            taken = await self._once(url, take, attempt, token, gate, headers)
            if taken is not None:
                return taken
            await attempt.pause()

    async def _once(
        self,
        url: str,
        take: Callable[[aiohttp.ClientResponse], Awaitable[Result]],
        attempt: Attempt,
        token: str,
        gate: str,
        headers: Mapping[str, str] | None,
    ) -> Result | None:
        """One try; None if there may be another."""
        try:
            async with self.get(url, token=token, headers=headers) as answer:
                if answer.status in (200, 206):
                    return await take(answer)
                attempt.refuse(answer.status, answer.headers, gate)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            attempt.fail(error)
        return None

    async def json(self, url: str, *, token: str = "", gate: str = "") -> Any:
        """A small answer as JSON.

        Raises:
            PullError: if it cannot be had, or is no JSON.
        """
        body = await self.ask(url, _body, token=token, gate=gate)
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PullError("unreachable", f"{url} answered with something that is no JSON: {body[:60]!r}.") from error


def _parsed(url: str) -> URL:
    """A URL as it is written, since a signature holds for no other spelling.

    Raises:
        PullError: if it is none.
    """
    try:
        return URL(url, encoded=True)
    except ValueError as error:
        raise PullError("invalid", f"{url!r:.200} is no address ({error}).") from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body, if it is not larger than anything that is read this way."""
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise PullError("unreachable", f"{answer.url} answered with more than {LARGEST_ANSWER >> 20} MiB.")
    return bytes(body)
