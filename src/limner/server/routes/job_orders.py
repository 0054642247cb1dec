"""Changes of the queue from the studio: order, hold, pause, retry, cancel, clear. All pages are told of each."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.comfy.problems import error_entry
from limner.dialects.studio.job_requests import read_meant, read_place
from limner.graph.api_document import from_document
from limner.graph.elsewhere import SENT_TO
from limner.jobs.records import FINAL, Job, JobState
from limner.server.admission import Admission, Wish, admission_of
from limner.server.bodies import beside, read_object
from limner.server.caller import caller_of, changed_owner
from limner.server.job_lists import ALIVE, journal_of, meant_jobs, told_ids
from limner.server.queue_news import QUEUE_NEWS
from limner.server.replies import json_reply
from limner.server.route import HUB, SERVICE, route
from limner.server.starting import known_catalog, starting_reply

WAITING = frozenset({JobState.WAITING})


@route("POST", "/limner/jobs/move")
async def move(request: web.Request) -> web.Response:
    """Puts waiting jobs before another one, first, or last. Where there are users, jobs of others keep their turns."""
    body = await read_object(request)
    meant, place = read_meant(body), read_place(body)

    def work() -> list[str]:
        names = [job.submission.id for job in meant_jobs(request, meant, WAITING)]
        owner = None if caller_of(request).may(Scope.ADMIN) else changed_owner(request)
        return journal_of(request).turns.move(names, place.before, first=place.first, owner=owner)

    return _changed(request, {"ids": await beside(work)})


@route("POST", "/limner/jobs/hold")
async def hold(request: web.Request) -> web.Response:
    """Keeps waiting jobs from beginning until they are released."""
    return await _hold(request, held=True)


@route("POST", "/limner/jobs/release")
async def release(request: web.Request) -> web.Response:
    """Lets held jobs go."""
    return await _hold(request, held=False)


@route("POST", "/limner/jobs/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Takes jobs out of the queue, or stops them. ``all`` means those that wait."""
    meant = read_meant(await read_object(request))
    states = WAITING if meant.everything else ALIVE
    jobs = await beside(lambda: meant_jobs(request, meant, states))
    await stop(request, jobs)
    return _changed(request, told_ids(jobs))


@route("POST", "/limner/jobs/delete")
async def delete(request: web.Request) -> web.Response:
    """Forgets jobs that are over (with ``until``: that were over by then); their files stay."""
    body = await read_object(request)
    meant, journal, until = read_meant(body), journal_of(request), body.get("until")

    def work() -> int:
        if meant.everything and not isinstance(until, int):
            return journal.delete_history(None, changed_owner(request))
        jobs = meant_jobs(request, meant, FINAL)
        chosen = [job for job in jobs if not isinstance(until, int) or job.ended <= until]
        return journal.delete_history([job.submission.id for job in chosen])

    return _changed(request, {"deleted": await beside(work)})


@route("POST", "/limner/jobs/retry")
async def retry(request: web.Request) -> web.StreamResponse:
    """Asks for jobs once more that are over, as they were; they are new jobs, of whoever asks."""
    body = await read_object(request)
    meant, client = read_meant(body), body.get("client_id")
    if await known_catalog(request) is None:
        return starting_reply(request)
    admission, listener = await admission_of(request), client if isinstance(client, str) else None

    def work() -> tuple[dict[str, str], dict[str, Any]]:
        jobs = meant_jobs(request, meant, FINAL)
        tried = {job.submission.id: _again(admission, job, listener) for job in jobs}
        ids = {name: new for name, new in tried.items() if isinstance(new, str)}
        return ids, {name: said for name, said in tried.items() if not isinstance(said, str)}

    ids, refused = await beside(work)
    return _changed(request, {"ids": ids, "refused": refused})


@route("POST", "/limner/queue/pause", access=Scope.ADMIN)
async def pause(request: web.Request) -> web.Response:
    """Begins no further jobs, also after a restart; those that run go on."""
    return await _pause(request, paused=True)


@route("POST", "/limner/queue/resume", access=Scope.ADMIN)
async def resume(request: web.Request) -> web.Response:
    """Begins jobs again."""
    return await _pause(request, paused=False)


async def stop(request: web.Request, jobs: list[Job]) -> None:
    """Takes jobs out of the queue; those that run are stopped. Waiting ones leave no trace."""
    dispatcher, hub = request.app[SERVICE].dispatcher, request.app[HUB]
    names = [job.submission.id for job in jobs]
    hub.quieten(names)
    removed = {job.submission.id for job in await asyncio.to_thread(dispatcher.remove_waiting, names)}
    running = [name for name in names if name not in removed]
    hub.unquieten(running)  # A job that began in between is interrupted, and its client is told.
    for name in running:
        await asyncio.to_thread(dispatcher.cancel, name)
    hub.announce()


async def _hold(request: web.Request, *, held: bool) -> web.Response:
    meant = read_meant(await read_object(request))

    def work() -> list[str]:
        names = [job.submission.id for job in meant_jobs(request, meant, WAITING)]
        return journal_of(request).turns.hold(names, held)

    ids = await beside(work)
    if not held:
        request.app[SERVICE].dispatcher.work_came()
    return _changed(request, {"ids": ids})


async def _pause(request: web.Request, *, paused: bool) -> web.Response:
    dispatcher = request.app[SERVICE].dispatcher
    await beside(lambda: dispatcher.journal.turns.pause(paused))
    if not paused:
        dispatcher.work_came()
    return _changed(request, {"paused": paused})


def _again(admission: Admission, job: Job, client: str | None) -> str | dict[str, Any]:
    """The id of a new job like an earlier one, or why there is none."""
    asked, name = job.submission, str(uuid.uuid4())
    extra = {key: value for key, value in asked.extra.items() if key != SENT_TO}
    wish = Wish(
        id=name,
        graph=from_document(asked.document),
        dialect="comfy",
        client=client,
        targets=asked.targets,
        extra={**extra, "create_time": time.time_ns() // 1_000_000},
        previews=bool(client),
    )
    problem = admission.decide(wish).checked.problem
    return name if problem is None else error_entry(problem)


def _changed(request: web.Request, said: Mapping[str, Any]) -> web.Response:
    """Answers, and has pages read their lists again."""
    request.app[QUEUE_NEWS].changed()
    return json_reply(said)
