"""Tags of assets: ``/api/tags``, ``/api/assets/{id}/tags``, ``/api/assets/tags/refine``."""

from aiohttp import web

from limner.dialects.comfy.asset_json import Query, read_tags, read_wanted
from limner.dialects.comfy.prompt_request import refusal
from limner.server.assets.parts import library_of
from limner.server.bodies import beside, read_object
from limner.server.replies import json_reply
from limner.server.route import route
from limner.server.routes.assets import explained, find
from limner.storage.asset_records import MISSING

MOST_TAGS = 1000
ALWAYS_KNOWN = ("input", "models", "output")


@route("GET", "/api/tags")
@explained
async def tags(request: web.Request) -> web.StreamResponse:
    """The tags in use, with how many assets have each."""
    query, library = Query(request.query.items()), library_of(request)
    prefix = query.fields.get("prefix", "").strip()
    limit, offset = query.integer("limit", 100, 1, MOST_TAGS), query.integer("offset", 0, 0, 1 << 31)
    order = query.choice("order", ("count_desc", "name_asc"), "count_desc")

    def read() -> web.Response:
        library.refresh()
        counts = library.index.tag_counts(prefix)
        if query.truth("include_zero"):
            counts = {tag: 0 for tag in ALWAYS_KNOWN if tag.startswith(prefix)} | counts
        names = sorted(counts, key=lambda tag: tag if order == "name_asc" else (-counts[tag], tag))
        shown = [{"name": tag, "count": counts[tag]} for tag in names[offset : offset + limit]]
        return json_reply({"tags": shown, "total": len(names), "has_more": offset + limit < len(names)})

    return await beside(read)


@route("GET", "/api/assets/tags/refine")
@explained
async def refine(request: web.Request) -> web.StreamResponse:
    """How often each tag occurs among the assets that a query asks for."""
    wanted, library = read_wanted(_with_limit(request), most=MOST_TAGS), library_of(request)

    def read() -> web.Response:
        library.refresh()
        return json_reply({"tag_counts": library.index.histogram(wanted)})

    return await beside(read)


@route("POST", "/api/assets/{asset}/tags")
@explained
async def add(request: web.Request) -> web.StreamResponse:
    """Gives an asset tags."""
    wanted, asset, index = await _tags(request), await find(request), library_of(request).index
    if MISSING in wanted:
        raise refusal("INVALID_BODY", f"The tag {MISSING!r} is given by the server.")
    new = [tag for tag in wanted if tag not in asset.tags]
    await beside(lambda: index.tag(asset.id, add=new))
    known = [tag for tag in wanted if tag in asset.tags]
    return json_reply({"added": new, "already_present": known, "total_tags": sorted({*asset.tags, *new})})


@route("DELETE", "/api/assets/{asset}/tags")
@explained
async def remove(request: web.Request) -> web.StreamResponse:
    """Takes tags off an asset."""
    wanted, asset, index = await _tags(request), await find(request), library_of(request).index
    going = [tag for tag in wanted if tag in asset.tags and tag != MISSING]
    await beside(lambda: index.tag(asset.id, remove=going))
    answer = {
        "removed": going,
        "not_present": [tag for tag in wanted if tag not in asset.tags],
        "total_tags": sorted({*asset.tags} - {*going}),
    }
    protected = {"protected": [MISSING]} if MISSING in wanted and MISSING in asset.tags else {}
    return json_reply(answer | protected)


async def _tags(request: web.Request) -> tuple[str, ...]:
    tags = read_tags((await read_object(request)).get("tags"))
    if not tags:
        raise refusal("INVALID_BODY", "tags must have at least one text.")
    return tags


def _with_limit(request: web.Request) -> Query:
    """The query, with a limit of its own if it has none."""
    pairs = list(request.query.items())
    return Query(pairs if "limit" in request.query else [*pairs, ("limit", "100")])
