"""What jobs cost, here and at other services: ``/usage``."""

from datetime import UTC, datetime

from aiohttp import web

from limner.graph.errors import SettingsError, UnknownNameError
from limner.jobs.sqlite_usage import JOURNAL, read_usage
from limner.jobs.usage import Sum, since_of, summed
from limner.server.bodies import beside
from limner.server.caller import shown_owner
from limner.server.replies import error_reply, json_reply
from limner.server.route import SERVICE, route


@route("GET", "/usage")
async def usage(request: web.Request) -> web.Response:
    """Requests, pictures, seconds, latency and cost; ``by`` provider, model, owner or day, ``since`` a moment."""
    by, path = request.query.get("by", "provider"), request.app[SERVICE].folders.data / JOURNAL
    owner = shown_owner(request)

    def read(since: int) -> list[Sum]:
        return summed(read_usage(path, since, owner), by)

    try:
        since = since_of(request.query.get("since", ""), datetime.now(UTC))
        found = await beside(lambda: read(since))
    except (SettingsError, UnknownNameError) as error:
        return error_reply(400, "invalid_query", str(error))
    return json_reply({"by": by, "since": since, "usage": found})
