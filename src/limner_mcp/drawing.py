"""Pictures through the server's images API: it knows models, their aliases, sizes and providers by itself."""

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult

from limner_client import AsyncClient, ClientError
from limner_mcp.answers import Content, answer
from limner_mcp.door import once_started
from limner_mcp.jobs import State, followed

LARGEST_SEED = (1 << 32) - 1
JOB = "X-Limner-Job"
"""Header of the answer that names the job."""


async def drawn(
    client: AsyncClient,
    kind: str,
    wish: Mapping[str, Any],
    seconds: float,
    context: Context,
    *files: tuple[str, Content],
) -> CallToolResult:
    """Has pictures drawn, and waits for them.

    Args:
        client: Which server.
        kind: ``generations`` or ``edits``.
        wish: Fields of the request; None: not given. A seed is drawn if there is none, so that it can be told.
        seconds: To wait at most; the job goes on.
        context: Of the call, for progress.
        files: By field.

    Raises:
        ClientError: if it cannot be drawn.
    """
    given = {name: value for name, value in wish.items() if value is not None and value != ""}
    given = {"seed": secrets.randbelow(LARGEST_SEED), **given}
    job = await once_started(lambda: _submitted(client, kind, {**given, "stream": True}, files))
    state = await followed(client, job, seconds, context, own=True)
    return await answer(client, well(state), {"seed": given["seed"]})


def well(state: State) -> State:
    """A job that did not fail.

    Raises:
        ClientError: if it did.
    """
    if state.status == "failed":
        raise ClientError(f"Job {state.id} failed: {state.error}")
    return state


async def _submitted(
    client: AsyncClient, kind: str, fields: Mapping[str, Any], files: tuple[tuple[str, Content], ...]
) -> str:
    """Submits and gives the job's id, which a stream tells at its beginning. The key lets the job go on without it."""
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body: dict[str, Any] = {"data": _form(fields, files)} if files else {"json": fields}
    async with client.request("POST", f"/v1/images/{kind}", headers=headers, **body) as response:
        job = response.headers.get(JOB)
        if job is None:
            raise ClientError(f"{client.server} is no Limner server, or one that is too old: its answer names no job.")
        return job


def _form(fields: Mapping[str, Any], files: tuple[tuple[str, Content], ...]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, "true" if value is True else str(value))
    for name, content in files:
        form.add_field(name, content.data, filename=name, content_type=content.media_type)
    return form
