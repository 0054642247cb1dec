"""Compresses answers for clients that accept it: JSON and other longer texts. Pictures are compressed already."""

from aiohttp import hdrs, web

from limner.server.route import Handler

SHORTEST = 1024
"""Bytes below which an answer goes out as it is; files are compressed whatever their size."""

TYPES = frozenset({"application/json", "application/javascript", "image/svg+xml", "application/xml"})

CONDITIONS = (hdrs.RANGE, hdrs.IF_RANGE, hdrs.IF_NONE_MATCH, hdrs.IF_MODIFIED_SINCE)
"""A file may be sent in part, or not at all, if one of these headers asks for it."""


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Has long texts compressed."""
    response = await handler(request)
    if not response.prepared and _is_text(response.content_type) and _is_long_and_whole(request, response):
        response.headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
        if accepts_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")):
            response.enable_compression(web.ContentCoding.gzip)
    return response


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    for entry in header.lower().split(","):
        name, _, weight = entry.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind in TYPES


def _is_long_and_whole(request: web.Request, response: web.StreamResponse) -> bool:
    if request.method == hdrs.METH_HEAD or hdrs.CONTENT_ENCODING in response.headers:
        return False
    if isinstance(response, web.FileResponse):
        return not any(name in request.headers for name in CONDITIONS)
    return isinstance(response, web.Response) and isinstance(response.body, bytes) and len(response.body) >= SHORTEST
