"""Whom a tool asks: the Limner server, with the key of whoever calls the tool."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from mcp.server.mcpserver.exceptions import ResourceError, ToolError

from limner_client import AnswerError, AsyncClient, ClientError, UnreachableError

START_SECONDS = 90.0
"""How long a server may say that it is still starting."""

LOOK_SECONDS = 1.0

UNAVAILABLE = 503

Found = TypeVar("Found")


@dataclass(frozen=True)
class Door:
    """The way to a Limner server.

    Attributes:
        server: Its address.
        key: For callers who bring none; empty: none is sent.
        local: The host runs on this machine as its user: files may be named by their paths.
    """

    server: str
    key: str = ""
    local: bool = False

    @contextlib.asynccontextmanager
    async def open(self, headers: Mapping[str, str] | None) -> AsyncIterator[AsyncClient]:
        """A client that lives as long as one call; nothing is shared between callers.

        Args:
            headers: Of the call, if it came over HTTP.
        """
        async with AsyncClient(self.server, api_key=self._key(headers or {}) or None) as client:
            yield client

    def _key(self, given: Mapping[str, str]) -> str:
        """The caller's own key, if the call came with one."""
        headers = {name.lower(): value for name, value in given.items()}
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return (token.strip() if scheme.lower() == "bearer" else "") or headers.get("x-api-key", "") or self.key


Answer = Coroutine[Any, Any, Any]


def tool_errors(tool: Callable[..., Answer]) -> Callable[..., Answer]:
    """Lets a tool say what went wrong in words that help the one who called it."""

    @wraps(tool)
    async def told(*arguments: Any, **named: Any) -> Any:
        try:
            return await tool(*arguments, **named)
        except ClientError as error:
            raise ToolError(in_words(error)) from error

    return told


def resource_errors(reader: Callable[..., Answer]) -> Callable[..., Answer]:
    """The same for what is read."""

    @wraps(reader)
    async def told(*arguments: Any, **named: Any) -> Any:
        try:
            return await reader(*arguments, **named)
        except ClientError as error:
            raise ResourceError(in_words(error)) from error

    return told


def in_words(error: ClientError) -> str:
    """What happened, and what to do."""
    if isinstance(error, UnreachableError):
        return f"{error} Start it with `limner serve`, or give `limner mcp` --start or another --server."
    if isinstance(error, AnswerError) and error.status in (401, 403):
        return f"{error}. Give `limner mcp` a key with --key or LIMNER_KEY (`limner keys create` makes one)."
    return str(error)


async def once_started(ask: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
    """An answer of a server that may have just been started.

    Raises:
        AnswerError: if it refuses for another reason, or does not get ready.
    """
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while True:
        try:
            return await ask()
        except AnswerError as error:
            if error.status != UNAVAILABLE or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(LOOK_SECONDS)
