"""What was logged: ``/internal/logs``."""

from collections.abc import Mapping

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.comfy.prompt_request import MAX_ID
from limner.graph.errors import DocumentError
from limner.server.bodies import read_document
from limner.server.caller import caller_of
from limner.server.log_feed import LOG_FEED, SIZE
from limner.server.replies import empty_reply, error_reply, json_reply
from limner.server.route import SERVICE, route


@route("GET", "/internal/logs", mirrored=False, access=Scope.ADMIN)
async def log_text(request: web.Request) -> web.Response:
    """The last entries as one text."""
    entries = request.app[SERVICE].logs.entries()
    return json_reply("".join(f"{entry['t']} - {entry['m']}" for entry in entries))


@route("GET", "/internal/logs/raw", mirrored=False, access=Scope.ADMIN)
async def log_entries(request: web.Request) -> web.Response:
    """The last entries, and the size of the terminal that they are drawn in."""
    return json_reply({"entries": request.app[SERVICE].logs.entries(), "size": SIZE})


@route("PATCH", "/internal/logs/subscribe", mirrored=False, access=Scope.ADMIN)
async def subscribe(request: web.Request) -> web.Response:
    """Sends new entries to the sockets of a client, or ends that."""
    body = await read_document(request)
    fields = body if isinstance(body, Mapping) else {}
    client, enabled = fields.get("clientId"), fields.get("enabled")
    if not isinstance(client, str) or not client or len(client) > MAX_ID or not isinstance(enabled, bool):
        raise DocumentError('Send a JSON object {"clientId": "...", "enabled": true or false}.')
    feed, address = request.app[LOG_FEED], (caller_of(request).owner, client)
    if not enabled:
        feed.unsubscribe(address)
    elif not feed.subscribe(address):
        return error_reply(429, "too_many_readers", "Too many clients read the log already.")
    return empty_reply()
