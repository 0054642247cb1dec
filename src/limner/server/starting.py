"""What requests do while no worker has said yet what it can do: wait a little, then say so."""

from aiohttp import hdrs, web

from limner.graph.catalog import Catalog
from limner.server.replies import error_reply
from limner.server.route import CATALOG, SERVICE


async def known_catalog(request: web.Request) -> Catalog | None:
    """What the worker can do, as soon as it has said it; None if it does not in time."""
    return await request.app[CATALOG].wait(request.app[SERVICE].settings.catalog_wait)


def starting_reply(request: web.Request) -> web.Response:
    """The answer then."""
    return error_reply(503, "worker_starting", starting_reason(request), **{hdrs.RETRY_AFTER: "3"})


def starting_reason(request: web.Request) -> str:
    """Why there is no worker yet, and what to do."""
    return f"No worker is up yet. {request.app[CATALOG].reason} Ask again in a few seconds."
