"""The events of a run for those who listen: numbered as the journal keeps them, so that whoever comes back goes on."""

from typing import Any

import msgspec
from aiohttp import hdrs, web

from limner.dialects.apps.answer import error_answer
from limner.dialects.apps.events import event_data
from limner.engine.events import TERMINAL, NodePreview, NodeProgress
from limner.graph.errors import LimnerError
from limner.jobs.journal import KeptEvent
from limner.jobs.records import Job
from limner.server.apps.answers import told
from limner.server.apps.runs import found_run
from limner.server.awaited import Watch
from limner.server.bodies import beside
from limner.server.route import AWAITED, SERVICE

SILENCE = 10.0
"""Seconds after which a comment shows that the connection lives."""

COMMENT = b": keep-alive\n\n"
LAST = "Last-Event-ID"


async def told_events(request: web.Request, job: Job) -> web.StreamResponse:
    """Tells what has happened in a run since the event that a client heard last, and then what happens.

    The last event is called ``end`` and has the run in it, as ``GET /runs/{id}`` has.
    """
    name, number = job.submission.id, _last(request)
    with request.app[AWAITED].watching(name) as watch:
        headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-cache"}
        reply = web.StreamResponse(headers=headers | {"X-Run-Id": name})
        await reply.prepare(request)
        try:
            await _follow(request, reply, watch, name, number)
        except LimnerError as error:  # The status went out long ago.
            await reply.write(frame("error", error_answer(str(error))))
        await reply.write_eof()
        return reply


def _last(request: web.Request) -> int:
    text = request.headers.get(LAST) or request.query.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


async def _follow(request: web.Request, reply: web.StreamResponse, watch: Watch, name: str, number: int) -> None:
    number, is_over = await _tell_kept(request, reply, name, number)
    if is_over:
        return
    async for news in watch.news(SILENCE):
        if news is None:
            await reply.write(COMMENT)
            continue
        event = news[1]
        if isinstance(event, NodeProgress | NodePreview):
            data = event_data(event)
            if data is not None:
                await reply.write(frame(*data))
            continue
        number, is_over = await _tell_kept(request, reply, name, number)
        if is_over or isinstance(event, TERMINAL):
            return


async def _tell_kept(request: web.Request, reply: web.StreamResponse, name: str, number: int) -> tuple[int, bool]:
    """Tells the kept events after a number; gives the last one's number, and whether the run is over."""
    journal = request.app[SERVICE].dispatcher.journal
    kept: list[KeptEvent] = await beside(lambda: journal.events(name, number))
    for entry in kept:
        number = entry.number
        if isinstance(entry.event, TERMINAL):
            await reply.write(frame("end", await told(request, await found_run(request, name)), number))
            return number, True
        data = event_data(entry.event)
        if data is not None:
            await reply.write(frame(*data, number))
    return number, False


def frame(kind: str, data: Any, number: int | None = None) -> bytes:
    """An event on the wire."""
    head = b"" if number is None else f"id: {number}\n".encode()
    return head + f"event: {kind}\ndata: ".encode() + msgspec.json.encode(data, enc_hook=str) + b"\n\n"
