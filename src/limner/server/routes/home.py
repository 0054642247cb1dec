"""The front page: the studio, or what this is and what it is doing."""

import asyncio
from html import escape

from aiohttp import web

from limner import __version__
from limner.jobs.records import Job
from limner.server.caller import shown_owner
from limner.server.frontend_pages import FRONT_PAGE
from limner.server.public_address import address_of
from limner.server.route import CATALOG, SERVICE, route
from limner.server.studio import STUDIO

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>Limner</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #222 }}
  table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; padding: .2rem .8rem .2rem 0 }}
  code {{ background: #f3f3f3; padding: .1rem .3rem }}
</style>
<h1>Limner {version}</h1>
<p>A diffusion engine with one queue and many doors. {worker}</p>
<h2>Doors</h2>
<table>
<tr><td>ComfyUI<td><code>{here}</code><td><code>/prompt</code> <code>/ws</code> <code>/history</code> <code>/view</code>
<tr><td>Comfy API v2<td><code>{here}/api/v2</code><td><a href="/api/v2/openapi.json">OpenAPI</a>
<tr><td>A1111<td><code>{here}/sdapi/v1</code><td><a href="/sdapi/v1/openapi.json">OpenAPI</a>
<tr><td>OpenAI<td><code>{here}/v1</code><td><a href="/v1/openapi.json">OpenAPI</a>
<tr><td>Apps<td><code>{here}/apps</code><td><a href="/openapi.json">OpenAPI</a> (Dify)
<tr><td>MCP<td><code>limner mcp --server {here}</code><td>
<tr><td>Watching<td><code>{here}/readyz</code><td><a href="/healthz">health</a>, <a href="/metrics">figures</a>
</table>
<h2>Running ({running})</h2>{table}
<p>{waiting} waiting, {finished} finished.</p>
</html>"""

SHOWN = 20
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@route("GET", "/", "/doors", mirrored=False)
async def home(request: web.Request) -> web.StreamResponse:
    """The studio; ComfyUI's own page, if that was asked for; a list of the doors where the studio is not built."""
    if FRONT_PAGE in request.app and request.path == "/":
        return await request.app[FRONT_PAGE](request)
    if request.app[STUDIO].there and request.path == "/":
        return await request.app[STUDIO].page(request)
    dispatcher, watch, owner = request.app[SERVICE].dispatcher, request.app[CATALOG], shown_owner(request)
    running, counts = await asyncio.to_thread(dispatcher.journal.running, owner), dispatcher.counts(owner)
    device = watch.current.device.get("name", "") if watch.current else ""
    text = PAGE.format(
        version=escape(__version__),
        here=escape(address_of(request)),
        worker=escape(f"The worker is up ({device})." if watch.current else watch.reason),
        running=len(running),
        table=_table(running),
        waiting=counts.waiting,
        finished=counts.finished,
    )
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store, must-revalidate",
        "Pragma": "no-cache",
        "Expires": "0",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


def _table(jobs: list[Job]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(job.submission.id)}</code><td>{len(job.submission.document)} nodes"
        for job in jobs[:SHOWN]
    )
    return f"<table>{rows}</table>" if rows else "<p>Nothing.</p>"
