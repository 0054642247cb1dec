"""``list_models``."""

from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations

from limner_client import AsyncClient
from limner_mcp.door import Door, once_started, tool_errors

LIST = "Lists the models that can draw, and the names of samplers and schedulers that generate and edit take."

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


def join(server: MCPServer, door: Door) -> None:
    """Adds the tool."""

    @server.tool("list_models", "Models", LIST, READS)
    @tool_errors
    async def list_models(context: Context) -> dict[str, Any]:
        async with door.open(context.headers) as client:
            models = [entry["id"] for entry in (await client.get("/v1/models"))["data"]]
            walk = await once_started(lambda: _walk(client))
            return {"models": models, "loras": await client.models("loras"), **walk}


async def _walk(client: AsyncClient) -> dict[str, Any]:
    required = (await client.object_info("KSampler"))["KSampler"]["input"]["required"]
    return {"samplers": required["sampler_name"][0], "schedulers": required["scheduler"][0]}
