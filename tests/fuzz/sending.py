"""Sends requests to a running server over one connection, and watches the server's memory."""

from __future__ import annotations

import asyncio
import http.client
import re
import urllib.parse

import aiohttp
import psutil
from tests.fuzz.drawing import Request, Talk

FRAMES = 20
_FORBIDDEN = re.compile(r"[^\x21-\x7e]")


class Sender:
    """Sends to one server; a connection that the server closes is opened again."""

    def __init__(self, url: str) -> None:
        self._parts = urllib.parse.urlsplit(url)
        self._url = url
        self._connection = self._connect()

    def send(self, what: Request | Talk) -> tuple[int, bytes]:
        """The answer's status and body; 101 and nothing for a socket."""
        if isinstance(what, Talk):
            asyncio.run(self._talk(what))
            return 101, b""
        try:
            return self._request(what)
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()
            self._connection = self._connect()
            return self._request(what)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._parts.hostname, self._parts.port, timeout=30)

    def _request(self, what: Request) -> tuple[int, bytes]:
        headers = {name: _FORBIDDEN.sub(" ", value) for name, value in what.headers.items()}
        self._connection.request(what.method, _FORBIDDEN.sub("", what.path), what.body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    async def _talk(self, talk: Talk) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self._url}/ws", params={"clientId": talk.client}) as socket,
        ):
            for message in talk.messages:
                await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_str(message))


def resident(process: int) -> int:
    """Bytes that a process holds in memory."""
    return psutil.Process(process).memory_info().rss
