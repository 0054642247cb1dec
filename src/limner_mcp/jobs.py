"""Jobs on the server, whichever door they came through: what state they are in, what they made, waiting for them."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

import anyio
from mcp.server.mcpserver import Context

from limner_client import AnswerError, AsyncClient, AsyncJob, ClientError, File, Progress
from limner_client.results import files_of

STATES: Mapping[str, str] = {
    "pending": "queued",
    "in_progress": "running",
    "completed": "succeeded",
    "failed": "failed",
    "cancelled": "canceled",
}
"""The server's names for states, and those that tools tell."""

FINAL = frozenset(("succeeded", "failed", "canceled"))

LOOK_SECONDS = 0.5
NOT_FOUND = 404


@dataclass(frozen=True)
class State:
    """How a job stands.

    Attributes:
        id: The job's id.
        status: One of ``STATES``' values.
        files: What it left, in a fixed order; previews only if nothing else is there.
        error: Why it failed, or empty.
    """

    id: str
    status: str
    files: tuple[File, ...] = ()
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in FINAL


async def state_of(client: AsyncClient, job: str) -> State:
    """How a job stands now.

    Raises:
        ClientError: if the caller has no such job.
    """
    if not re.fullmatch(r"[\w.-]+", job):
        raise ClientError(f"{job!r} is no id of a job. generate, edit and run_app tell theirs as `job`.")
    try:
        details = await client.get(f"/api/jobs/{job}")
    except AnswerError as error:
        if error.status != NOT_FOUND:
            raise
        message = f"There is no job {job}. It may have left the queue before it began, or was taken from the history."
        raise ClientError(message) from error
    files = sorted(files_of(details.get("outputs") or {}), key=lambda file: _natural(file.node or ""))
    saved = tuple(file for file in files if file.type == "output")
    failure = (details.get("execution_error") or {}).get("exception_message") or ""
    status = STATES.get(details["status"], details["status"])
    return State(job, status, saved or tuple(files), str(failure).strip())


async def settled(client: AsyncClient, job: str, seconds: float) -> State:
    """A job when it has ended, or after some seconds. Follows jobs that anybody asked for."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (state := await state_of(client, job)).ended:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            break
        await asyncio.sleep(min(LOOK_SECONDS, left))
    return state


async def followed(client: AsyncClient, job: str, seconds: float, context: Context) -> State:
    """The same for a job whose events this client is told; its steps are reported as progress.

    A call that its caller gives up takes the job with it.
    """
    try:
        with anyio.move_on_after(seconds):
            await _report(client, job, context)
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True):
            await cancel(client, job)
        raise
    return await state_of(client, job)


async def cancel(client: AsyncClient, job: str) -> bool:
    """Takes a job out of the queue or stops it; whether there was anything to stop."""
    return bool((await client.post(f"/api/jobs/{job}/cancel", {}))["cancelled"])


async def _report(client: AsyncClient, job: str, context: Context) -> None:
    """Reports a job's steps: one walk after another, since progress has to grow."""
    passed, last = 0.0, 0.0
    async for event in AsyncJob(client, job, 0).events():
        if not isinstance(event, Progress):
            continue
        if event.value < last:
            passed += last
        last = event.value
        message = f"step {event.value:g} of {event.total:g}"
        await context.report_progress(passed + event.value, passed + event.total, message)


def _natural(text: str) -> list[tuple[int, str]]:
    """An order in which ``picture 10`` comes after ``picture 9``."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", text)]
