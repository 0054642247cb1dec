"""Runs: ``/runs``. Every job is one, whatever door it came through, as far as the caller may see it."""

import asyncio

from aiohttp import web

from limner.dialects.apps.options import read_options
from limner.graph.errors import UnknownNameError
from limner.jobs.records import FINAL
from limner.server.apps.answers import results_of, told
from limner.server.apps.door import app_route
from limner.server.apps.events import told_events
from limner.server.apps.runs import found_run, waited
from limner.server.replies import json_reply
from limner.server.route import AWAITED, SERVICE

KEPT = "private, max-age=31536000, immutable"


@app_route("GET", "/runs/{run}")
async def run(request: web.Request) -> web.Response:
    """A run, at once or (``wait``) as soon as it is over."""
    name = request.match_info["run"]
    options, _ = read_options({"wait": "0", **request.query})
    with request.app[AWAITED].watching(name) as watch:
        job = await waited(request, name, watch, options.wait)
    return json_reply(await told(request, job, inline=options.output == "base64"))


@app_route("POST", "/runs/{run}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Stops a run, or takes it out of the queue; one that is over stays as it is."""
    name = request.match_info["run"]
    job = await found_run(request, name)
    with request.app[AWAITED].watching(name) as watch:
        if job.state not in FINAL:
            await asyncio.to_thread(request.app[SERVICE].dispatcher.cancel, name)
        job = await waited(request, name, watch, 2.0)
    return json_reply(await told(request, job))


@app_route("GET", "/runs/{run}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """What happens in a run, as server-sent events: first what has happened, then as it happens."""
    job = await found_run(request, request.match_info["run"])
    return await told_events(request, job)


@app_route("GET", "/runs/{run}/files/{number}")
async def file(request: web.Request) -> web.StreamResponse:
    """A file of a run, as a file to be kept; they count from 1."""
    job = await found_run(request, request.match_info["run"])
    results, number = await results_of(request, job), request.match_info["number"]
    if not number.isascii() or not number.isdigit() or not 0 < int(number[:9]) <= len(results):
        said = f"It has {len(results)}; they count from 1." if job.state in FINAL else "It is not over yet."
        raise UnknownNameError("file of the run", number[:40], (), said)
    return results[int(number) - 1].reply({"Cache-Control": KEPT})
