"""Runs of apps: from what was sent to a job in the queue, and waiting for it."""

import asyncio
import hashlib
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from aiohttp import web

from limner.dialects.apps.answer import DIALECT, MARK, RunMark, mark_of
from limner.dialects.apps.building import build
from limner.dialects.apps.options import Finish, RunOptions
from limner.dialects.apps.reading import ReadApp
from limner.dialects.apps.values import read_values
from limner.dialects.comfy.prompt_request import refusal
from limner.engine.events import TERMINAL
from limner.graph.errors import GraphError, UnknownNameError
from limner.jobs.records import FINAL, Errand, Job, JobState
from limner.server.admission import Admission, Wish, admission_of
from limner.server.apps.door import DESK
from limner.server.apps.missing import missing_models
from limner.server.awaited import Watch
from limner.server.bodies import beside
from limner.server.caller import caller_of, job_of
from limner.server.deliveries import errands_for
from limner.server.job_header import JOB
from limner.server.job_names import job_name
from limner.server.picture_jobs import KEY, LOOK, REMEMBERED, refused
from limner.server.route import AWAITED, SERVICE
from limner.server.service import Service

SEEDS = 1 << 32


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A run that somebody asks for.

    Attributes:
        read: The workflow and its inputs.
        sent: What was sent for them; pictures are names by now.
        app: The app's name and version; without a name the workflow was sent along.
        version: Likewise.
        options: How it is to be answered.
        finish: What becomes of its pictures.
        notes: What people should know of it.
    """

    read: ReadApp
    sent: Mapping[str, Any]
    app: str = ""
    version: int = 0
    options: RunOptions = field(default_factory=RunOptions)
    finish: Finish = field(default_factory=Finish)
    notes: tuple[str, ...] = ()

    def at_once(self) -> "Asked":
        """The same, not waited for."""
        return replace(self, options=msgspec.structs.replace(self.options, mode="async"))

    def mark(self, drawn: int) -> RunMark:
        """What is remembered of the run.

        Raises:
            GraphError: with a Problem for every value that cannot be taken.
        """
        values = read_values(self.read.inputs, self.sent, drawn)
        mark = RunMark(app=self.app, version=self.version, inputs=values, finish=self.finish, notes=self.notes)
        document = None if self.app else self.read.workflow.document
        asked = msgspec.json.encode([mark, document], enc_hook=str)
        return msgspec.structs.replace(mark, request=hashlib.sha256(asked).hexdigest())

    def wish(self, name: str, mark: RunMark, errands: tuple[Errand, ...] = ()) -> Wish:
        """The job."""
        graph = build(self.read.workflow.graph, self.read.inputs, mark.inputs)
        extra = {MARK: msgspec.to_builtins(mark), "create_time": time.time_ns() // 1_000_000}
        if self.read.workflow.extra_pnginfo:
            extra["extra_pnginfo"] = dict(self.read.workflow.extra_pnginfo)
        return Wish(
            id=name,
            graph=graph,
            dialect=DIALECT,
            targets=self.read.targets,
            extra=extra,
            previews=self.options.previews,
            errands=errands,
        )


@asynccontextmanager
async def running(request: web.Request, asked: Asked) -> AsyncIterator[tuple[str, Watch]]:
    """Submits a run and watches it; gives its id. A repeated request joins the run of the first one.

    If the client goes away before it has heard of the run, nobody wants it any more and it is cancelled, unless a key
    says that it may be asked for again, or somebody else is to be told.

    Raises:
        GraphError: if it cannot run here, or another request had its key.
        WorkerLostError: if no worker is up yet.
    """
    admission, key = await admission_of(request), request.headers.get(KEY, "")
    name, drawn = _identity(request.app[SERVICE], caller_of(request).owner, key)
    mark = await beside(lambda: asked.mark(drawn))
    options = asked.options
    errands = errands_for(request, store=options.store or None, webhook=options.webhook or None)
    wish = asked.wish(name, mark, errands)
    request[JOB] = name
    with request.app[AWAITED].watching(name) as watch:
        await _submit_once(request, admission, wish, mark if key else None)
        try:
            yield name, watch
        except ConnectionError:
            if not key and not options.webhook:
                await asyncio.to_thread(admission.service.dispatcher.cancel, name)
            raise


async def _submit_once(request: web.Request, admission: Admission, wish: Wish, mark: RunMark | None) -> None:
    """Submits a run; with a mark, not a second time."""
    if mark is None:
        await _submit(admission, wish)
        return
    async with request.app[DESK].repeating:
        if not await beside(lambda: _is_repeated(request, wish.id, mark)):
            await _submit(admission, wish)


def _identity(service: Service, owner: str, key: str) -> tuple[str, int]:
    """A run's id, and a number for its seeds; the same for the same key."""
    if not key:
        return str(uuid.uuid4()), secrets.randbelow(SEEDS)
    name = job_name(service, DIALECT, owner, key)
    return str(name), name.int % SEEDS


async def _submit(admission: Admission, wish: Wish) -> None:
    admitted = await asyncio.to_thread(admission.decide, wish)
    if admitted.checked.problem is None:
        return
    error, lists = refused(admitted.checked), admission.service.lists
    missing = await beside(lambda: missing_models(wish.graph, admission.catalog, lists, wish.extra))
    raise GraphError(f"{str(error).rstrip('.')}. {missing}".strip(), error.problems)


def _is_repeated(request: web.Request, name: str, mark: RunMark) -> bool:
    """Whether a request was made before: its run waits, runs, or has ended well and not long ago. Blocks.

    Raises:
        GraphError: if it asked for something else.
    """
    job = job_of(request, name)
    if job is None or (job.state in FINAL and time.time_ns() // 1_000_000 - job.ended > REMEMBERED):
        return False
    if mark_of(job).request != mark.request:
        details = f"Run {name} has it. Send another {KEY}, or the same request."
        raise refusal("idempotency_conflict", "This key belongs to another request.", details)
    return job.state not in FINAL or job.state is JobState.SUCCEEDED


async def waited(request: web.Request, name: str, watch: Watch, seconds: float) -> Job:
    """A run when it is over, or after so many seconds.

    Raises:
        ConnectionResetError: if the client goes away.
        WorkerLostError: if the server stops.
        UnknownNameError: if the run is not the caller's, or is forgotten.
    """
    deadline = time.monotonic() + seconds
    job = await found_run(request, name)
    while job.state not in FINAL and time.monotonic() < deadline:
        async for news in watch.news(min(LOOK, max(0.01, deadline - time.monotonic()))):
            if request.transport is None:
                raise ConnectionResetError("The client went away.")
            if news is not None and isinstance(news[1], TERMINAL):
                return news[0]
            if time.monotonic() > deadline:
                break
        job = await found_run(request, name)
    return job


async def found_run(request: web.Request, name: str) -> Job:
    """A run of the caller's.

    Raises:
        UnknownNameError: if there is none.
    """
    job = await beside(lambda: job_of(request, name))
    if job is None:
        raise UnknownNameError("run", name[:80], ())
    return job
