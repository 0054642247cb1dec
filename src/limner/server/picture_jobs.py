"""Jobs that a door waits for, and the pictures that they leave."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.dialects.pictures import pictures_of
from limner.engine.events import Succeeded
from limner.graph.api_document import to_document
from limner.graph.check import Checked
from limner.graph.errors import GraphError, StepError
from limner.graph.graph import Graph
from limner.jobs.records import FINAL, Job, JobState
from limner.server.admission import Admission, Wish, admission_of
from limner.server.awaited import Watch
from limner.server.caller import folders_of
from limner.server.job_header import JOB
from limner.server.job_names import job_name
from limner.server.route import AWAITED
from limner.server.service import Service
from limner.storage.folders import Folders

LOOK = 2.0
"""Seconds between looks at whether a client that waits is still there."""

KEY = "Idempotency-Key"
REMEMBERED = 24 * 3600 * 1000
"""Milliseconds for which a request with such a key gets the pictures that the first one made."""


@asynccontextmanager
async def submitted(
    request: web.Request, graph: Graph, dialect: str, *, previews: bool = False, extra: Mapping[str, Any] | None = None
) -> AsyncIterator[Watch]:
    """Submits a job and watches it; a repeated request joins the job of the first one.

    If the client goes away, nobody wants the job any more and it is cancelled, unless a key says that it may be
    asked for again.

    Raises:
        GraphError: if the graph cannot run here.
        WorkerLostError: if no worker is up yet.
    """
    admission = await admission_of(request)
    key = request.headers.get(KEY, "")
    name = _named(admission.service, admission.caller.owner, dialect, key, graph) if key else str(uuid.uuid4())
    with request.app[AWAITED].watching(name) as watch:
        wish = Wish(id=name, graph=graph, dialect=dialect, previews=previews, extra=extra or {})
        async with request.app[AWAITED].entry(name):
            if not key or not await asyncio.to_thread(_joined, admission.service, folders_of(request), name, watch):
                await _admitted(admission, wish)
        request[JOB] = name
        try:
            yield watch
        except ConnectionError:
            if not key:
                await asyncio.to_thread(admission.service.dispatcher.cancel, name)
            raise


async def _admitted(admission: Admission, wish: Wish) -> None:
    admitted = await asyncio.to_thread(admission.decide, wish)
    if admitted.checked.problem is not None:
        raise refused(admitted.checked)


def _named(service: Service, owner: str, dialect: str, key: str, graph: Graph) -> str:
    """The id of the job that equal requests of one owner share; others with the same key have jobs of their own."""
    return str(job_name(service, owner, dialect, key, str(to_document(graph))))


def _joined(service: Service, folders: Folders, name: str, watch: Watch) -> bool:
    """Whether a job of that name waits, runs, or has left pictures that are still there."""
    job = service.dispatcher.journal.get(name)
    if job is None or job.state not in FINAL:
        return job is not None
    fresh = time.time_ns() // 1_000_000 - job.ended < REMEMBERED
    if job.state is not JobState.SUCCEEDED or not fresh:
        return False
    if not all(path.is_file() for _, path in picture_files(job, folders)):
        return False
    watch.told.put_nowait((job, Succeeded(job=name, time=job.ended)))
    return True


async def ended(request: web.Request, watch: Watch) -> Job:
    """The job when it is done.

    Raises:
        ConnectionResetError: if the client goes away.
        WorkerLostError: if the server stops.
        StepError: if the job did not end well.
    """
    last = None
    async for news in watch.news(LOOK):
        if request.transport is None:
            raise ConnectionResetError("The client went away.")
        last = news or last
    assert last is not None  # The last event ends the job.
    return finished(last[0])


def refused(checked: Checked) -> GraphError:
    """Why a graph cannot run, in words."""
    problems = [problem for found in checked.problems.values() for problem in found]
    told = "; ".join(dict.fromkeys(f"{problem.message}: {problem.details}" for problem in problems))
    if checked.problem is None or told:
        return GraphError(told, problems)
    return refusal(checked.problem.code, checked.problem.message, checked.problem.details)


def finished(job: Job) -> Job:
    """A job that ended well.

    Raises:
        StepError: if it did not.
    """
    if job.state is JobState.SUCCEEDED:
        return job
    if job.failure is None:
        raise StepError("The job was cancelled.")
    raise StepError(f"{job.failure.message} {job.failure.tips}".strip())


def picture_files(job: Job, folders: Folders) -> Sequence[tuple[Mapping[str, str], Path]]:
    """The pictures of a job that came from a PictureWish, as clients name them, and where they are."""
    files = pictures_of(job.outputs)
    return [(file, folders.of_type(file["type"]) / file["subfolder"] / file["filename"]) for file in files]
