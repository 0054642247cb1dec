"""``list_apps`` and ``run_app``."""

import urllib.parse
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from limner_client import AnswerError, AsyncClient, ClientError
from limner_mcp.answers import answer
from limner_mcp.door import Door, once_started, tool_errors
from limner_mcp.drawing import well
from limner_mcp.fields import Wait
from limner_mcp.inputs import content_of
from limner_mcp.jobs import followed

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
RUNS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

LIST = "Lists the workflows that were saved as apps, and the inputs that each takes."

RUN = """Runs an app, a saved workflow, with the inputs that list_apps tells.

Answers like generate; inputs that are left out keep their defaults, seeds are drawn and told."""

IMAGE = "image"
SHOWN = ("name", "type", "required", "default", "min", "max", "choices", "description")
"""What a caller has to know of an input."""

NOT_FOUND = 404


def join(server: MCPServer, door: Door) -> None:
    """Adds the tools."""

    @server.tool("list_apps", "Apps", LIST, READS)
    @tool_errors
    async def list_apps(context: Context) -> dict[str, Any]:
        async with door.open(context.headers) as client:
            apps = (await once_started(lambda: client.get("/apps")))["apps"]
            return {"apps": [_entry(app) for app in apps]}

    @server.tool("run_app", "Run an app", RUN, RUNS)
    @tool_errors
    async def run_app(
        context: Context,
        app: Annotated[str, Field(description="name of an app, as list_apps tells it")],
        inputs: Annotated[dict[str, Any] | None, Field(description="values by the names of the app's inputs")] = None,
        wait: Wait = 50.0,
    ) -> CallToolResult:
        async with door.open(context.headers) as client:
            path = f"/apps/{urllib.parse.quote(app, safe='')}"
            kinds = await _inputs(client, path, app)
            given = {
                name: (await content_of(client, value, local=door.local)).uri
                if kinds.get(name) == IMAGE and isinstance(value, str) and not value.startswith(("https://", "http://"))
                else value
                for name, value in (inputs or {}).items()
            }
            headers = {"Idempotency-Key": uuid.uuid4().hex}
            async with client.request("POST", f"{path}/start", json=given, headers=headers) as response:
                job = (await response.json())["id"]
            state = well(await followed(client, job, wait, context, own=True))
            return await answer(client, state, {"inputs": state.inputs})


async def _inputs(client: AsyncClient, path: str, app: str) -> dict[str, str]:
    """The kinds of an app's inputs, by name.

    Raises:
        ClientError: if there is no such app.
    """
    try:
        found = await once_started(lambda: client.get(path))
    except AnswerError as error:
        if error.status != NOT_FOUND:
            raise
        raise ClientError(f"There is no app {app!r}; list_apps tells those that there are.") from error
    return {entry["name"]: entry["type"] for entry in found["inputs"]}


def _entry(app: Mapping[str, Any]) -> dict[str, Any]:
    inputs = [{name: entry[name] for name in SHOWN if name in entry} for entry in app["inputs"]]
    return {"name": app["name"], "title": app["title"], "description": app["description"], "inputs": inputs}
