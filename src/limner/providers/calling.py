"""How services are called over HTTP: errors in words, sizes bounded, keys kept from everybody but the service.

The address of a service is its operator's choice and is asked wherever it is. What a service *names* (the address of a
picture) is a stranger's word: it is fetched with the checks of ``hub.web``, and without the key.
"""

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from aiohttp import hdrs

from limner import __version__
from limner.hub.addresses import Addresses
from limner.hub.patience import Patience, retry_after
from limner.hub.refusal import PullError
from limner.hub.web import Web
from limner.providers.refusal import ProviderError
from limner.providers.settings import ProviderSettings

LARGEST_ANSWER = 256 << 20
"""Bytes of an answer that is read into memory: a film, at most."""

QUOTED = 300
"""Letters of a service's own words that are passed on."""

RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
ILL = frozenset({500, 502, 503, 504, 520, 522, 524, 529, 401, 403})
"""Answers that say something of the service: a key that is not taken today will not be taken in a minute either."""


class Caller:
    """Calls one service. Belongs to one event loop.

    Args:
        name: What the service is called here.
        base_url: Its address.
        key: Its key; ``user:password`` is sent as such.
        timeout: Seconds after which a request is given up.
        lacking: The environment variable that should hold the key and does not.
    """

    def __init__(self, name: str, base_url: str, key: str, timeout: float, *, lacking: str = "") -> None:
        self.name, self.base_url, self.timeout = name, base_url, timeout
        self._key, self._lacking = key, lacking
        self._session: aiohttp.ClientSession | None = None
        self._web = Web(Addresses(private=False, trusted=[base_url]), Patience(tries=3))

    async def open(self) -> None:
        """Makes it ready."""
        await self._web.__aenter__()
        self._session = aiohttp.ClientSession(
            headers={hdrs.USER_AGENT: f"limner/{__version__}", **self.authorization()},
            timeout=aiohttp.ClientTimeout(total=self.timeout, sock_connect=min(20.0, self.timeout)),
        )

    async def close(self) -> None:
        """Lets go of its connections."""
        if self._session is not None:
            await self._session.close()
            await self._web.__aexit__(None, None, None)

    def authorization(self) -> dict[str, str]:
        """The headers that show the key."""
        if not self._key:
            return {}
        if ":" in self._key:
            return {hdrs.AUTHORIZATION: "Basic " + base64.b64encode(self._key.encode()).decode()}
        return {hdrs.AUTHORIZATION: f"Bearer {self._key}"}

    async def json(self, method: str, path: str, **content: Any) -> Any:
        """An answer as JSON.

        Raises:
            ProviderError: if there is none.
        """
        body = await self.body(method, path, **content)
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.misunderstood(f"no JSON: {body[:60]!r}") from error

    async def body(self, method: str, path: str, **content: Any) -> bytes:
        """The bytes of a good answer.

        Raises:
            ProviderError: if there is none.
        """
        async with self.answer(method, path, **content) as answer:
            return await self._read(answer)

    @asynccontextmanager
    async def answer(self, method: str, path: str, **content: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """A good answer, to be read as it comes.

        Raises:
            ProviderError: if there is none.
        """
        self._check_key()
        assert self._session is not None
        try:
            # A redirect would carry the key to wherever the service says.
            async with self._session.request(method, self.base_url + path, allow_redirects=False, **content) as answer:
                if answer.status >= 300:
                    raise self._refused(answer.status, await self._read(answer), answer.headers)
                yield answer
        except TimeoutError as error:
            # It may have drawn all the same, and charged for it: asking again would pay twice.
            raise ProviderError(
                f"{self.name} gave no answer in {self.timeout:g} seconds.", reason="timeout", ill=True
            ) from error
        except aiohttp.ClientConnectorError as error:
            raise ProviderError(
                self._clean(f"{self.name} cannot be reached ({error})."),
                reason="unreachable",
                retryable=True,
                ill=True,
            ) from error
        except aiohttp.ClientError as error:
            raise ProviderError(
                self._clean(f"{self.name} ended the connection ({error})."), reason="disconnected", ill=True
            ) from error

    @asynccontextmanager
    async def socket(self, path: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket to the service.

        Raises:
            ProviderError: if it cannot be opened.
        """
        assert self._session is not None
        try:
            async with self._session.ws_connect(self.base_url + path, max_msg_size=64 << 20) as socket:
                yield socket
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ProviderError(
                self._clean(f"{self.name} ended the connection ({error})."), reason="disconnected", ill=True
            ) from error

    async def picture(self, named: str) -> bytes:
        """The bytes of a picture that the service named: as a data URI, as Base64, or by its address.

        Raises:
            ProviderError: if it cannot be had.
        """
        if named.startswith(("http://", "https://")):
            return await self._fetched(named)
        if named.startswith("/"):
            return await self._fetched(self.base_url.rpartition("/v1")[0] + named)
        if named.startswith("data:"):
            named = named.partition(",")[2]
        try:
            return base64.b64decode(named, validate=False)
        except (binascii.Error, ValueError) as error:
            raise self.misunderstood("a picture that is no Base64") from error

    def _check_key(self) -> None:
        if self._lacking:
            raise ProviderError(
                f"{self.name} needs its key in the environment variable {self._lacking}, which is not set.",
                reason="no key",
            )

    async def _fetched(self, address: str) -> bytes:
        try:
            return await self._web.ask(address, self._read)
        except PullError as error:
            raise ProviderError(
                self._clean(f"The picture that {self.name} named cannot be fetched: {error}"), reason=error.code
            ) from error

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for piece in answer.content.iter_any():
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise self.misunderstood(f"more than {LARGEST_ANSWER >> 20} MiB")
        return bytes(body)

    def misunderstood(self, what: str) -> ProviderError:
        """An answer that is none."""
        return ProviderError(
            self._clean(f"{self.name} answered with {what}. Is {self.base_url} the right address, and the right kind?"),
            reason="no answer",
            ill=True,
        )

    def _refused(self, status: int, body: bytes, headers: Mapping[str, str]) -> ProviderError:
        said = _words(body)
        hint = " Look at the key that its settings name." if status in (401, 403) else ""
        return ProviderError(
            self._clean(f"{self.name} answered with status {status}{f': {said}' if said else '.'}{hint}"),
            reason=f"status {status}",
            retryable=status in RETRYABLE,
            ill=status in ILL,
            wait=retry_after(headers.get(hdrs.RETRY_AFTER, "")) or 0.0,
        )

    def _clean(self, text: str) -> str:
        """A text without the key, in case the service repeated it."""
        for part in {self._key, *self._key.split(":")} if len(self._key) > 3 else ():
            text = text.replace(part, "***") if len(part) > 3 else text
        return text


def caller_for(name: str, settings: ProviderSettings, environment: Mapping[str, str]) -> Caller:
    """What calls a service, with its key; without the key it refuses every call and says why."""
    key = environment.get(settings.key, "").strip() if settings.key else ""
    return Caller(name, settings.base_url, key, settings.timeout, lacking="" if key else settings.key)


def _words(body: bytes) -> str:
    """What a service says of its refusal, whatever shape it has."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode(errors="replace").strip()[:QUOTED] if not body.lstrip().startswith(b"<") else ""
    for key in ("error", "message", "detail", "errors"):
        if isinstance(said, dict) and said.get(key):
            said = said[key]
            break
    if isinstance(said, dict) and isinstance(said.get("message"), str):
        said = said["message"]
    return (said if isinstance(said, str) else msgspec.json.encode(said).decode())[:QUOTED]
