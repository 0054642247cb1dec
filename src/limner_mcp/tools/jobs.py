"""``job_status`` and ``cancel``, and the files of jobs as resources."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from limner_mcp.answers import MEDIA_TYPES, OTHER, answer, media_type_of
from limner_mcp.door import Door, resource_errors, tool_errors
from limner_mcp.fields import Wait
from limner_mcp.inputs import read_resource
from limner_mcp.jobs import cancel as stop
from limner_mcp.jobs import followed, state_of

Job = Annotated[str, Field(description="id of a job, as generate, edit and run_app tell it")]

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
STOPS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)

STOP_SECONDS = 20.0
"""How long a job is waited for that was told to stop."""

STATUS = """Tells how a job stands: queued, running, succeeded, failed or canceled; with its pictures once it is done.

With `wait` it answers as soon as the job has ended, or after so many seconds."""


def join(server: MCPServer, door: Door) -> None:
    """Adds the tools and the resources."""

    @server.tool("job_status", "Look after a job", STATUS, READS)
    @tool_errors
    async def job_status(context: Context, job: Job, wait: Wait = 0.0) -> CallToolResult:
        async with door.open(context.headers) as client:
            return await answer(client, await followed(client, job, wait, context, own=False), {})

    @server.tool("cancel", "Stop a job", "Takes a job out of the queue, or stops it if it runs.", STOPS)
    @tool_errors
    async def cancel(context: Context, job: Job) -> dict[str, Any]:
        async with door.open(context.headers) as client:
            before = await state_of(client, job)
            after = before if before.ended else await stop(client, job)
            if not after.ended:  # A step has begun that ends first.
                after = await followed(client, job, STOP_SECONDS, context, own=False)
            return {"job": job, "status": after.status, "was": before.status}

    for ending in (*MEDIA_TYPES, OTHER):  # A resource's media type belongs to its template.
        _add_resource(server, door, ending)


def _add_resource(server: MCPServer, door: Door, ending: str) -> None:
    """Files with one ending, by job and number."""

    @server.resource(
        f"limner://jobs/{{job}}/{{number}}.{ending}",
        name=f"{ending} of a job",
        description=f"A .{ending} file that a job left, counted from 1.",
        mime_type=media_type_of(f"file.{ending}"),
    )
    @resource_errors
    async def read(job: str, number: str, context: Context) -> bytes:
        async with door.open(context.headers) as client:
            return (await read_resource(client, f"limner://jobs/{job}/{number}.{ending}")).data
