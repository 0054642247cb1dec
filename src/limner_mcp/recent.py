"""The list of resources: files of the caller's last jobs, so that people can hand them to a host by themselves."""

import asyncio
from typing import Any

from mcp.server.context import CallNext, ServerMiddleware, ServerRequestContext
from mcp.types import ListResourcesResult, Resource

from limner_client import AsyncClient, ClientError
from limner_mcp.answers import entries_of
from limner_mcp.door import Door
from limner_mcp.jobs import state_of

LIST = "resources/list"
JOBS = 20


def lists_recent(door: Door) -> ServerMiddleware[Any]:
    """What answers the request for the list: it is another one for each caller, and a moment later."""

    async def answer(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> Any:
        if ctx.method != LIST or ctx.request_id is None:
            return await call_next(ctx)
        headers = getattr(ctx.request, "headers", None)
        try:
            async with door.open(headers) as client:
                return ListResourcesResult(resources=await _recent(client))
        except ClientError:  # Hosts ask as soon as they start; a server that is not there yet has no files.
            return ListResourcesResult(resources=[])

    return answer


async def _recent(client: AsyncClient) -> list[Resource]:
    page = await client.get("/api/jobs", {"status": "completed", "limit": str(JOBS)})
    states = await asyncio.gather(*(state_of(client, job["id"]) for job in page["jobs"]))
    return [
        Resource(uri=entry.uri, name=entry.file["filename"], mime_type=entry.file["media_type"])
        for state in states
        for entry in entries_of(state)
    ]
