"""Serves ComfyUI's front end at ``/`` or ``/classic/``, its templates at ``/templates/`` and its help at ``/docs/``.

These paths come after all others: the page's folder answers whatever no route knows. Not in ``routes``, since there are
no such paths unless the front end was asked for.
"""

import contextlib
from pathlib import Path

from aiohttp import hdrs, web

from limner.graph.errors import StorageError
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.frontend import Frontend
from limner.server.route import SERVICE, Handler
from limner.server.static_files import StaticFiles
from limner.server.users import ONLY_USER

FRONT_PAGE: web.AppKey[Handler] = web.AppKey("front page")
"""Answers with the front end's page; absent if there is none."""

CLASSIC = "/classic"
"""Where ComfyUI's page is while the studio has the front page. It asks for all of its API below this path."""

PAGE = "index.html"
NEVER_KEPT = {hdrs.CACHE_CONTROL: "no-store, must-revalidate", hdrs.PRAGMA: "no-cache", hdrs.EXPIRES: "0"}

STYLE = "user.css"
PROFILE_FOLDERS = ("workflows", "subgraphs")
PROFILE_FILES = {STYLE: "/* Rules of your own for ComfyUI's page. */\n", "comfy.templates.json": "[]"}

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' {sockets} data: blob:; frame-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""The page talks to this server and to nobody else."""


def add_frontend(application: web.Application, frontend: Frontend, below: str = "") -> None:
    """Adds the paths of a front end to an application that has all its other routes.

    Args:
        application: That it joins.
        frontend: Its files.
        below: The path of its page, without a slash at the end; empty: the server's front page.
    """
    pages = StaticFiles(frontend.pages, "assets/")
    templates, docs = StaticFiles(frontend.templates), StaticFiles(frontend.docs)

    async def page(request: web.Request) -> web.StreamResponse:
        headers = NEVER_KEPT | {"Content-Security-Policy": policy(request.host)}
        return await pages.reply(request, PAGE, **headers)

    async def file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        return await (page(request) if name in ("", PAGE) else pages.reply(request, name))

    async def template(request: web.Request) -> web.StreamResponse:
        return await templates.reply(request, request.match_info["file"])

    async def help_page(request: web.Request) -> web.StreamResponse:
        return await docs.reply(request, request.match_info["file"])

    async def style(request: web.Request) -> web.StreamResponse:
        own = {STYLE: folders_of(request).user / ONLY_USER / STYLE}
        return await StaticFiles(own).reply(request, STYLE)

    async def prepare(_: web.Application) -> None:
        await beside(lambda: prepare_profile(_profile(application)))

    async def front(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{below}/")

    if below:
        application.router.add_get(below, front)
    else:
        application[FRONT_PAGE] = page
    application.on_startup.append(prepare)
    application.router.add_get(f"{below}/{STYLE}", style)
    application.router.add_get(f"{below}/templates/{{file:.+}}", template)
    application.router.add_get(f"{below}/docs/{{file:.+}}", help_page)
    application.router.add_get(f"{below}/{{file:.*}}", file)


def prepare_profile(folder: Path) -> None:
    """Makes what the page looks for in a person's folder, so that it finds empty lists and no errors.

    Raises:
        StorageError: if that cannot be written.
    """
    try:
        for name in PROFILE_FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, content in PROFILE_FILES.items():
            with contextlib.suppress(FileExistsError), (folder / name).open("x") as file:
                file.write(content)
    except OSError as error:
        raise StorageError(f"The page's settings cannot be kept in {folder} ({error.strerror or error}).") from error


def _profile(application: web.Application) -> Path:
    return application[SERVICE].folders.user / ONLY_USER


def policy(host: str) -> str:
    """The Content-Security-Policy of the page."""
    return POLICY.format(sockets=own_sockets(host))


def own_sockets(host: str) -> str:
    """This server's sockets as sources of a policy; not every browser counts them as the page's own."""
    safe = host if host and all(letter.isalnum() or letter in ".-:[]_" for letter in host) else ""
    return f"ws://{safe} wss://{safe}" if safe else ""
