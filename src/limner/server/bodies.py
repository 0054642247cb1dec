"""Reads request bodies: with a limit, against the clock, and without holding up other requests."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aiohttp import web

from limner.dialects.comfy.prompt_request import read_json
from limner.graph.errors import DocumentError

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


async def read_little(request: web.Request, most: int) -> Mapping[str, Any]:
    """A small body as a JSON object: for requests of whom nobody knows who they are.

    Raises:
        DocumentError: if it is longer, or something else.
        HTTPRequestTimeout: if it does not arrive in time.
    """
    data = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            while len(data) <= most and (chunk := await request.content.readany()):
                data += chunk
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    if len(data) > most:
        raise DocumentError(f"The body is longer than {most} bytes.")
    return _as_object(read_json(bytes(data)))


async def read_document(request: web.Request) -> Any:
    """The body as JSON.

    Raises:
        DocumentError: if it is not JSON.
    """
    raw = await read_bytes(request)
    return await beside(lambda: read_json(raw)) if len(raw) > LARGE else read_json(raw)


async def read_object(request: web.Request) -> Mapping[str, Any]:
    """The body as a JSON object.

    Raises:
        DocumentError: if it is another value, or no JSON.
    """
    return _as_object(await read_document(request))


def _as_object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise DocumentError("Send a JSON object.")
    return body


async def beside(work: Callable[[], Result]) -> Result:
    """Runs something slow or blocking in a thread, so that other requests go on."""
    return await asyncio.to_thread(work)


async def apart(work: Callable[[], Result]) -> Result:
    """Runs something that may take minutes in a thread of its own: those of ``beside`` are few, and all need them."""
    own = ThreadPoolExecutor(1, thread_name_prefix="apart")
    try:
        return await asyncio.get_running_loop().run_in_executor(own, work)
    finally:
        own.shutdown(wait=False)
