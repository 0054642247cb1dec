"""Running apps, and workflows that are sent along. JSON, forms and uploads are all taken at each of these addresses."""

import asyncio

from aiohttp import web

from limner.server.apps.answers import kept_alive_body, run_reply
from limner.server.apps.door import app_route
from limner.server.apps.inputs import read_sent
from limner.server.apps.options import asked_for, options_of
from limner.server.apps.reading import opened_app, sent_workflow
from limner.server.apps.runs import Asked, found_run, running, waited
from limner.server.awaited import Watch

BEAT = 10.0
"""Seconds between blanks of an answer that is kept alive."""


@app_route("POST", "/apps/{name}/run")
async def run_app(request: web.Request) -> web.StreamResponse:
    """Runs an app and answers with its pictures."""
    return await _answered(request, await _of_app(request))


@app_route("POST", "/apps/{name}/upload")
async def upload_to_app(request: web.Request) -> web.StreamResponse:
    """The same, at an address of its own for clients that know one kind of body for each."""
    return await _answered(request, await _of_app(request))


@app_route("POST", "/apps/{name}/start")
async def start_app(request: web.Request) -> web.StreamResponse:
    """The same, answered at once."""
    return await _answered(request, (await _of_app(request)).at_once())


@app_route("POST", "/workflows/run")
async def run_workflow(request: web.Request) -> web.StreamResponse:
    """Runs a workflow that is sent along, with inputs that are found in it as in an app."""
    read, sent = await sent_workflow(request)
    return await _answered(request, await asked_for(request, read, sent))


async def _of_app(request: web.Request) -> Asked:
    sent = await read_sent(request)
    opened = await opened_app(request, options_of(request, sent)[0].version)
    return await asked_for(request, opened.read, sent, app=opened.app.name, version=opened.app.version)


async def _answered(request: web.Request, asked: Asked) -> web.StreamResponse:
    options = asked.options
    async with running(request, asked) as (name, watch):
        if options.mode == "async":
            return await run_reply(request, await found_run(request, name), "url")
        if options.keep_alive:
            return await _kept_alive(request, name, watch, options.wait, inline=options.output == "base64")
        return await run_reply(request, await waited(request, name, watch, options.wait), options.output)


async def _kept_alive(
    request: web.Request, name: str, watch: Watch, seconds: float, *, inline: bool
) -> web.StreamResponse:
    """An answer that begins at once with blanks, which JSON allows, and ends with the run as JSON.

    Its status is decided before anything is known; what goes wrong is told in the body.
    """
    reply = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Run-Id": name})
    reply.content_type, reply.charset = "application/json", "utf-8"
    await reply.prepare(request)
    waiting = asyncio.create_task(waited(request, name, watch, seconds))
    try:
        while not waiting.done():
            await reply.write(b" ")
            await asyncio.wait([waiting], timeout=BEAT)
        body = await kept_alive_body(request, waiting, inline=inline)
    finally:
        waiting.cancel()
    await reply.write(body)
    await reply.write_eof()
    return reply
