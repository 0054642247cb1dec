"""Answers that are streams of events (``text/event-stream``), with comments in silence so that no proxy closes them."""

from aiohttp import hdrs, web

KEEP_ALIVE = 10.0
"""Seconds of silence after which a stream gets a comment."""

COMMENT = b": keep-alive\n\n"


async def begin_stream(request: web.Request, **headers: str) -> web.StreamResponse:
    """A stream whose head has gone out. ``X-Accel-Buffering`` asks proxies to pass events on as they come."""
    usual = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-cache", "X-Accel-Buffering": "no"}
    reply = web.StreamResponse(headers=usual | headers)
    await reply.prepare(request)
    return reply
