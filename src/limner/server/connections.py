"""Closes connections that never send a whole request head; one program could hold thousands of them open."""

import asyncio

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from limner.server.route import Handler

PATIENCE = 30.0
"""Seconds until the head of a connection's first request must be there. Later ones are bounded by keep-alive."""

LOOK = 5.0
"""Seconds between looks."""


class Connections:
    """Knows which connections have sent a request, and since when the others are silent."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._heard: set[RequestHandler] = set()
        self._since: dict[RequestHandler, float] = {}

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes that a connection has sent a request."""
        self._heard.add(request.protocol)
        return await handler(request)

    async def watch(self, server: web.Server) -> None:
        """Closes silent connections of a server, for ever."""
        while True:
            self.close_silent(server, asyncio.get_running_loop().time())
            await asyncio.sleep(min(LOOK, self._patience))

    def close_silent(self, server: web.Server, now: float) -> None:
        """Closes the connections that were silent for too long, at a time of the loop's clock in seconds."""
        open_now = server.connections
        self._heard.intersection_update(open_now)
        silent = [connection for connection in open_now if connection not in self._heard]
        self._since = {connection: self._since.get(connection, now) for connection in silent}
        for connection, since in self._since.items():
            if now - since > self._patience:
                connection.force_close()


CONNECTIONS: web.AppKey[Connections] = web.AppKey("connections", Connections)
