"""Pictures, films and sounds that were made: ``/limner/gallery``."""

from aiohttp import web

from limner.server.bodies import beside, read_object
from limner.server.gallery.answers import (
    LONGEST_OFFSET,
    LONGEST_PAGE,
    MOST_KEYS,
    details_json,
    entry_json,
    number,
    read_change,
    read_keys,
    read_wanted,
    unknown_picture,
)
from limner.server.gallery.library import Gallery
from limner.server.gallery.parts import gallery_of
from limner.server.gallery.settings import Settings, read_settings
from limner.server.replies import error_reply, json_reply
from limner.server.route import route
from limner.storage.gallery_records import Entry

PAGE = 100


@route("GET", "/limner/gallery", mirrored=False)
async def pictures(request: web.Request) -> web.Response:
    """A page of a list: ``limit`` files from ``at`` on, or after the id ``before``."""
    gallery, query = gallery_of(request), request.query
    wanted = read_wanted(query)
    limit = number(query, "limit", PAGE, least=1, most=LONGEST_PAGE)
    start = number(query, "at", 0, least=0, most=1 << 40)
    gallery.refresh()

    def answer() -> web.Response:
        page = gallery.index.page(wanted, limit, start=start, cursor=query.get("before", "")[:100])
        told = {"items": [entry_json(entry) for entry in page.entries], "total": page.total}
        return json_reply({**told, "next": page.after or None, "revision": gallery.index.revision})

    return await beside(answer)


@route("GET", "/limner/gallery/positions", mirrored=False)
async def positions(request: web.Request) -> web.Response:
    """How long a list is and how it lies: days and shapes (width over height times 100), each with how many follow."""
    gallery, wanted = gallery_of(request), read_wanted(request.query)
    gallery.refresh()

    def answer() -> web.Response:
        total, days, shapes = gallery.index.positions(wanted)
        reading = gallery.index.unknown_count()
        told = {"total": total, "days": days, "shapes": shapes, "reading": reading}
        return json_reply({**told, "revision": gallery.index.revision})

    return await beside(answer)


@route("GET", "/limner/gallery/keys", mirrored=False)
async def keys(request: web.Request) -> web.Response:
    """The ids of a list, for those who choose all of it."""
    gallery, wanted = gallery_of(request), read_wanted(request.query)
    limit = number(request.query, "limit", MOST_KEYS, least=1, most=MOST_KEYS)
    return await beside(lambda: json_reply({"ids": gallery.index.keys(wanted, limit)}))


@route("GET", "/limner/gallery/facets", mirrored=False)
async def facets(request: web.Request) -> web.Response:
    """How many files there are of which model, adapter, app, tag, board and day."""
    gallery = gallery_of(request)
    offset = number(request.query, "offset", 0, least=-LONGEST_OFFSET, most=LONGEST_OFFSET)
    gallery.refresh()
    return await beside(lambda: json_reply(gallery.index.facets(offset).told()))


@route("PATCH", "/limner/gallery", mirrored=False)
async def change(request: web.Request) -> web.Response:
    """Stars, rates, tags or describes files, or puts them on a board; ``board`` empty takes them off it."""
    body, gallery = await read_object(request), gallery_of(request)
    chosen, wish = read_keys(body), read_change(body)
    changed = await beside(lambda: gallery.index.change(chosen, wish))
    gallery.tell()
    return json_reply({"changed": changed})


@route("GET", "/limner/gallery/{picture}", mirrored=False)
async def one_picture(request: web.Request) -> web.Response:
    """A file with the settings that it was made with."""
    gallery, key = gallery_of(request), request.match_info["picture"]

    def answer() -> web.Response:
        entry, settings = _found(gallery, key)
        return json_reply(details_json(entry, settings, gallery.index.loras(entry.number)))

    return await beside(answer)


@route("GET", "/limner/gallery/{picture}/workflow", mirrored=False)
async def workflow(request: web.Request) -> web.Response:
    """The workflow that a file was made with: the document that was drawn, or the graph that was run."""
    gallery, key = gallery_of(request), request.match_info["picture"]

    def answer() -> web.Response:
        entry, settings = _found(gallery, key)
        if settings.workflow is None and settings.prompt is None:
            return error_reply(404, "no_workflow", f"{entry.name} carries no workflow.")
        return json_reply({"workflow": settings.workflow, "prompt": settings.prompt})

    return await beside(answer)


def _found(gallery: Gallery, key: str) -> tuple[Entry, Settings]:
    """A file and its settings.

    Raises:
        GraphError: if there is none.
    """
    entry = gallery.index.get(key)
    if entry is None:
        raise unknown_picture(key)
    path = gallery.path(entry)
    settings = read_settings(path, gallery.submission(entry)) if path is not None else Settings(values={})
    return entry, settings
