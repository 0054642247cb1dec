"""Reads request bodies: with a limit, against the clock, and without holding up other requests."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from limner.dialects.comfy.prompt_request import read_json

LARGE = 64 << 10
"""Bodies above this many bytes are decoded in a thread."""

PATIENCE = 60.0
"""Seconds that a whole JSON body may take to arrive."""

Result = TypeVar("Result")


async def read_bytes(request: web.Request) -> bytes:
    """The body, whatever its content type.

    Raises:
        HTTPRequestEntityTooLarge: above the application's limit.
        HTTPRequestTimeout: if it does not arrive in time.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error


async def read_document(request: web.Request) -> Any:
    """The body as JSON.

    Raises:
        DocumentError: if it is not JSON.
    """
    raw = await read_bytes(request)
    return await beside(lambda: read_json(raw)) if len(raw) > LARGE else read_json(raw)


async def beside(work: Callable[[], Result]) -> Result:
    """Runs something slow or blocking in a thread, so that other requests go on."""
    return await asyncio.to_thread(work)
