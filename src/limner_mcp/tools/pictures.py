"""``generate`` and ``edit``."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from limner_client import ClientError
from limner_mcp.door import Door, tool_errors
from limner_mcp.drawing import drawn
from limner_mcp.fields import Count, Guidance, Model, Negative, Sampler, Scheduler, Seed, Side, Steps, Wait
from limner_mcp.inputs import content_of

DRAWS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

GENERATE = """Draws pictures by a prompt.

Answers the pictures, links to the files, the seed and the job's id. A job that takes longer than `wait` goes on:
ask job_status for it. The same prompt, seed and settings always give the same picture."""

EDIT = """Draws a picture anew: all of it by a prompt, or only where a mask is transparent.

Answers like generate."""

IMAGE = """limner://jobs/ID/1.png of an earlier answer, a data:image/...;base64, URI or, if these tools run on your own
machine, the path of a file"""

Image = Annotated[str, Field(description=IMAGE)]
Mask = Annotated[str, Field(description="a picture of the same size, given likewise; its transparent part is painted")]
Strength = Annotated[float, Field(ge=0, le=1, description="how much of the picture is painted over: 0 nothing, 1 all")]


def join(server: MCPServer, door: Door) -> None:
    """Adds the tools."""
    _add_generate(server, door)
    _add_edit(server, door)


def _add_generate(server: MCPServer, door: Door) -> None:
    @server.tool("generate", "Draw pictures", GENERATE, DRAWS)
    @tool_errors
    async def generate(
        context: Context,
        prompt: Annotated[str, Field(description="what the picture shows")],
        negative_prompt: Negative = "",
        model: Model = "",
        width: Side = None,
        height: Side = None,
        seed: Seed = None,
        steps: Steps = None,
        guidance: Guidance = None,
        sampler: Sampler = "",
        scheduler: Scheduler = "",
        count: Count = 1,
        wait: Wait = 50.0,
    ) -> CallToolResult:
        wish = _wish(prompt, negative_prompt, model, seed, steps, guidance, sampler, scheduler, count)
        async with door.open(context.headers) as client:
            return await drawn(client, "generations", {**wish, "size": _size(width, height)}, wait, context)


def _add_edit(server: MCPServer, door: Door) -> None:
    @server.tool("edit", "Change a picture", EDIT, DRAWS)
    @tool_errors
    async def edit(
        context: Context,
        image: Image,
        prompt: Annotated[str, Field(description="what the new picture shows")],
        mask: Mask = "",
        strength: Strength | None = None,
        negative_prompt: Negative = "",
        model: Model = "",
        width: Side = None,
        height: Side = None,
        seed: Seed = None,
        steps: Steps = None,
        guidance: Guidance = None,
        sampler: Sampler = "",
        scheduler: Scheduler = "",
        count: Count = 1,
        wait: Wait = 50.0,
    ) -> CallToolResult:
        wish = _wish(prompt, negative_prompt, model, seed, steps, guidance, sampler, scheduler, count)
        async with door.open(context.headers) as client:
            given = [("image", image)] + ([("mask", mask)] if mask else [])
            files = [(name, await content_of(client, word, local=door.local)) for name, word in given]
            wish |= {"size": _size(width, height), "strength": strength}
            return await drawn(client, "edits", wish, wait, context, *files)


def _wish(
    prompt: str,
    negative: str,
    model: str,
    seed: int | None,
    steps: int | None,
    guidance: float | None,
    sampler: str,
    scheduler: str,
    count: int,
) -> dict[str, Any]:
    """The fields of the images API that all pictures have."""
    walk = {"steps": steps, "guidance": guidance, "sampler": sampler, "scheduler": scheduler}
    return {"prompt": prompt, "negative_prompt": negative, "model": model, "seed": seed, "n": count, **walk}


def _size(width: int | None, height: int | None) -> str | None:
    """Both sides or none.

    Raises:
        ClientError: if only one is given.
    """
    if width is None and height is None:
        return None
    if width is None or height is None:
        raise ClientError("Give both width and height, or none of them.")
    return f"{width}x{height}"
