"""Jobs that a door waits for, and the pictures that they leave."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.dialects.pictures import pictures_of
from limner.graph.check import Checked
from limner.graph.errors import GraphError, StepError, WorkerLostError
from limner.graph.graph import Graph
from limner.jobs.records import Job, JobState
from limner.server.admission import Admission, Wish
from limner.server.awaited import Watch
from limner.server.route import AWAITED, PACKS, SERVICE
from limner.server.starting import known_catalog, starting_reason
from limner.storage.folders import Folders


@asynccontextmanager
async def submitted(
    request: web.Request, graph: Graph, dialect: str, *, previews: bool = False, extra: Mapping[str, Any] | None = None
) -> AsyncIterator[Watch]:
    """Submits a job and watches it.

    Raises:
        GraphError: if the graph cannot run here.
        WorkerLostError: if no worker is up yet.
    """
    catalog = await known_catalog(request)
    if catalog is None:
        raise WorkerLostError(starting_reason(request))
    name = str(uuid.uuid4())
    admission = Admission(request.app[SERVICE], request.app[PACKS], catalog)
    with request.app[AWAITED].watching(name) as watch:
        wish = Wish(id=name, graph=graph, dialect=dialect, previews=previews, extra=extra or {})
        admitted = await asyncio.to_thread(admission.decide, wish)
        if admitted.checked.problem is not None:
            raise refused(admitted.checked)
        yield watch


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
