"""Jobs on the server, whichever door they came through: what state they are in, what they made, waiting for them."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import anyio
from mcp.server.mcpserver import Context

from limner_client import AnswerError, AsyncClient, ClientError

FINAL = frozenset(("succeeded", "failed", "canceled"))

PAUSE_SECONDS = 0.05
"""Between the end of listening and the next look."""

NOT_FOUND = 404


@dataclass(frozen=True)
class State:
    """How a job stands.

    Attributes:
        id: The job's id.
        status: ``queued``, ``running``, or one of ``FINAL``.
        files: What it left: ``url filename type media_type``, of pictures also ``width`` and ``height``.
        inputs: Of an app: the values that were taken, seeds too.
        texts: What nodes said.
        notes: What people should know of it, an input that nothing has for example.
        error: Why it failed, or empty.
    """

    id: str
    status: str
    files: tuple[Mapping[str, Any], ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in FINAL

    @classmethod
    def read(cls, run: Mapping[str, Any]) -> "State":
        """From the server's answer."""
        return cls(
            id=run["id"],
            status=run["status"],
            files=tuple(run.get("outputs") or ()),
            inputs=run.get("inputs") or {},
            texts=tuple(run.get("texts") or ()),
            notes=tuple(run.get("notes") or ()),
            error=run.get("error") or "",
        )


async def state_of(client: AsyncClient, job: str) -> State:
    """How a job stands now.

    Raises:
        ClientError: if the caller has no such job.
    """
    if not re.fullmatch(r"[\w-]+", job):
        raise ClientError(f"{job!r} is no id of a job. generate, edit and run_app tell theirs as `job`.")
    try:
        return State.read(await client.get(f"/runs/{job}"))
    except AnswerError as error:
        if error.status != NOT_FOUND:
            raise
        message = f"There is no job {job}. It may have left the queue before it began, or was taken from the history."
        raise ClientError(message) from error


async def followed(client: AsyncClient, job: str, seconds: float, context: Context, *, own: bool) -> State:
    """A job when it has ended, or after some seconds; its steps are reported as progress.

    Args:
        client: Which server.
        job: The job's id.
        seconds: To wait at most.
        context: Of the call.
        own: A call that its caller gives up takes the job with it.
    """
    try:
        with anyio.move_on_after(seconds):
            return await _ended(client, job, context)
        return await state_of(client, job)
    except anyio.get_cancelled_exc_class():
        if own:
            await _shielded_cancel(client, job)
        raise


async def _ended(client: AsyncClient, job: str, context: Context) -> State:
    """A job when it has ended, however long that takes and however often the listening is cut."""
    while not (state := await state_of(client, job)).ended:
        await _report(client, job, context)
        await asyncio.sleep(PAUSE_SECONDS)
    return state


async def _shielded_cancel(client: AsyncClient, job: str) -> None:
    """Stops a job on behalf of a call that is being stopped itself."""
    with anyio.CancelScope(shield=True):
        await cancel(client, job)


async def cancel(client: AsyncClient, job: str) -> State:
    """Takes a job out of the queue or stops it."""
    return State.read(await client.post(f"/runs/{job}/cancel", {}))


async def _report(client: AsyncClient, job: str, context: Context) -> None:
    """Reports a job's steps: one node's after another's, since progress has to grow."""
    passed, last, node = 0.0, 0.0, None
    with contextlib.suppress(aiohttp.ClientError):  # Cut; the caller looks again.
        async for kind, data in _events(client, job):
            if kind != "progress":
                continue
            if data["node"] != node:
                passed, node = passed + last, data["node"]
            last = data["value"]
            message = f"step {last:g} of {data['total']:g}"
            await context.report_progress(passed + last, passed + data["total"], message)


async def _events(client: AsyncClient, job: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """What happens in a job, from its beginning."""
    kind = ""
    endless = aiohttp.ClientTimeout(total=None)
    async with client.request("GET", f"/runs/{job}/events", timeout=endless) as response:
        async for line in _lines(response):
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield kind, json.loads(line.removeprefix("data: "))


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[str]:
    """Lines of any length; previews are long ones."""
    rest = b""
    async for chunk in response.content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode()
