"""An HTTP server for tests, in a thread of its own: parts of files, cut connections, refusals, redirects, fake hubs.

It counts every byte that it sends, so that a test can say what was fetched twice.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

PIECE = 64 << 10


@dataclass
class Served:
    """A file that is served.

    Attributes:
        data: Its bytes, or the file that has them.
        etag: Its validator; empty: none is sent.
        ranges: Parts of it can be asked for.
        cuts: The first answers end after so many bytes of body, one entry an answer.
        statuses: The first answers are these instead; a pair has headers too.
        token: Who asks has to have it.
        headers: Sent along.
        length: Content-Length is sent.
        pause: Seconds between pieces.
    """

    data: bytes | Path
    etag: str = ""
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[Any] = field(default_factory=list)
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    length: bool = True
    pause: float = 0.0

    @property
    def size(self) -> int:
        return len(self.data) if isinstance(self.data, bytes) else self.data.stat().st_size

    def read(self, offset: int, length: int) -> bytes:
        if isinstance(self.data, bytes):
            return self.data[offset : offset + length]
        with self.data.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    @property
    def sha256(self) -> str:
        if isinstance(self.data, bytes):
            return hashlib.sha256(self.data).hexdigest()
        with self.data.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


Answering = Callable[[web.Request], web.Response]


class Remote:
    """The server; a context manager. Paths are given with ``put``; ``url`` is its address."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.redirects: dict[str, str] = {}
        self.answers: dict[str, Answering] = {}
        self.asked: list[Asked] = []
        self.sent: dict[str, int] = {}
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None

    def put(self, path: str, data: bytes | Path, **how: Any) -> Served:
        self.files[path] = Served(data, **how)
        return self.files[path]

    def say(self, path: str, document: Any) -> None:
        """Answers with JSON at a path."""
        self.answers[path] = lambda _: web.json_response(document)

    def requests(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    @property
    def bytes_sent(self) -> int:
        return sum(self.sent.values())

    def __enter__(self) -> "Remote":
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        started.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path, request.query_string, dict(request.headers)))
        if request.path in self.redirects:
            return web.Response(status=302, headers={"Location": self.redirects[request.path]})
        if request.path in self.answers:
            return self.answers[request.path](request)
        served = self.files.get(request.path)
        if served is None:
            return web.Response(status=404, text="nothing here")
        if served.statuses:
            return _refusal(served.statuses.pop(0))
        if served.token and request.headers.get("Authorization") != f"Bearer {served.token}":
            return web.Response(status=401, text="who are you?")
        return await self._send(request, served)

    async def _send(self, request: web.Request, served: Served) -> web.StreamResponse:
        begin, end, status = _asked_range(request, served)
        if begin >= served.size > 0:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{served.size}"})
        response = web.StreamResponse(status=status, headers=served.headers)
        if served.etag:
            response.headers["ETag"] = served.etag
        if status == 206:
            response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{served.size}"
        if served.length:
            response.content_length = end - begin
        await response.prepare(request)
        left = served.cuts.pop(0) if served.cuts and request.method == "GET" else end - begin
        for offset in range(begin, min(end, begin + left), PIECE):
            piece = served.read(offset, min(PIECE, min(end, begin + left) - offset))
            await response.write(piece)
            self.sent[request.path] = self.sent.get(request.path, 0) + len(piece)
            if served.pause:
                await asyncio.sleep(served.pause)
        if left < end - begin:
            assert request.transport is not None
            request.transport.close()
        return response


def _asked_range(request: web.Request, served: Served) -> tuple[int, int, int]:
    """First byte, the one after the last, and the status."""
    asked = request.headers.get("Range", "")
    condition = request.headers.get("If-Range", "")
    stale = condition not in ("", served.etag)
    if not served.ranges or not served.size or not asked.startswith("bytes=") or stale:
        return 0, served.size, 200
    first, _, last = asked.removeprefix("bytes=").partition("-")
    return int(first), min(served.size, int(last) + 1 if last else served.size), 206


def _refusal(status: Any) -> web.Response:
    if isinstance(status, tuple):
        return web.Response(status=status[0], headers=status[1])
    return web.Response(status=status)
