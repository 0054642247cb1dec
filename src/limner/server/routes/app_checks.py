"""Dry runs: what would become of a run, and which models and nodes it misses."""

from aiohttp import web

from limner.server.admission import admission_of
from limner.server.apps.check import verdict
from limner.server.apps.door import app_route
from limner.server.apps.inputs import read_sent
from limner.server.apps.options import asked_for, options_of
from limner.server.apps.reading import opened_app, sent_workflow
from limner.server.apps.runs import Asked
from limner.server.bodies import beside
from limner.server.caller import lists_of
from limner.server.replies import json_reply


@app_route("POST", "/apps/{name}/check")
async def check_app(request: web.Request) -> web.Response:
    """Whether an app would run with what is sent."""
    sent = await read_sent(request)
    opened = await opened_app(request, options_of(request, sent)[0].version)
    asked = await asked_for(request, opened.read, sent, app=opened.app.name, version=opened.app.version)
    return await _told(request, asked)


@app_route("POST", "/workflows/check")
async def check_workflow(request: web.Request) -> web.Response:
    """Whether a workflow that is sent along would run; it may be the whole body."""
    read, sent = await sent_workflow(request)
    return await _told(request, await asked_for(request, read, sent))


async def _told(request: web.Request, asked: Asked) -> web.Response:
    admission, lists = await admission_of(request), lists_of(request)
    return json_reply(await beside(lambda: verdict(admission, asked, lists)))
