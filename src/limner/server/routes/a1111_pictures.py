"""What A1111's clients do with pictures that are there: read, enlarge and describe them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.a1111.encoded import picture_bytes, picture_text
from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.extras import MOST_PICTURES, extras_graph, read_extras
from limner.dialects.a1111.interrogation import caption_of, check_interrogator, interrogation_graph
from limner.dialects.a1111.options import options_now, picture_format
from limner.dialects.a1111.picture_info import picture_info
from limner.graph.catalog import Catalog
from limner.graph.graph import Graph
from limner.jobs.records import Job
from limner.server.a1111.door import a1111_route
from limner.server.a1111.inputs import sent_picture
from limner.server.a1111.models import stored_options
from limner.server.bodies import beside, read_object
from limner.server.caller import folders_of
from limner.server.picture_jobs import ended, picture_files, submitted
from limner.server.pictures import Rendition
from limner.server.replies import json_reply
from limner.server.route import CATALOG, PICTURES, SERVICE

DIALECT = "a1111"


@a1111_route("POST", "/png-info")
async def png_info(request: web.Request) -> web.Response:
    """How a picture was made, as far as its file says so."""
    body = await read_object(request)
    catalog = request.app[CATALOG].current or Catalog()
    return json_reply(await beside(lambda: picture_info(picture_bytes(body.get("image")), catalog)))


@a1111_route("POST", "/extra-single-image")
async def extra_single_image(request: web.Request) -> web.Response:
    """A picture, enlarged."""
    body = await read_object(request)
    [picture] = await _enlarged(request, body, [body.get("image")])
    return json_reply({"html_info": "", "image": picture})


@a1111_route("POST", "/extra-batch-images")
async def extra_batch_images(request: web.Request) -> web.Response:
    """Pictures, enlarged."""
    body = await read_object(request)
    sent = body.get("imageList")
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_PICTURES:
        raise invalid(f"Send a list of 1 to {MOST_PICTURES} pictures, each with 'data' and 'name'.", "imageList")
    texts = [entry.get("data") if isinstance(entry, Mapping) else entry for entry in sent]
    return json_reply({"html_info": "", "images": await _enlarged(request, body, texts)})


@a1111_route("POST", "/interrogate")
async def interrogate(request: web.Request) -> web.Response:
    """What a picture shows, in words."""
    body, lists = await read_object(request), request.app[SERVICE].lists
    check_interrogator(body.get("model"))
    picture = await sent_picture(request, body.get("image"))
    captioners = await beside(lambda: lists("captioners"))
    job = await _done(request, interrogation_graph(picture.name, captioners))
    return json_reply({"caption": caption_of(job.outputs)})


async def _enlarged(request: web.Request, body: Mapping[str, Any], texts: Sequence[Any]) -> list[str]:
    lists = request.app[SERVICE].lists
    enlarging = read_extras(body, await beside(lambda: lists("upscale_models")))
    kept = [await sent_picture(request, text) for text in texts]
    job = await _done(request, extras_graph(enlarging, [(picture.name, picture.size) for picture in kept]))
    kind = picture_format(options_now(await stored_options(request), None))
    return [await _encoded(request, path, kind) for _, path in picture_files(job, folders_of(request))]


async def _encoded(request: web.Request, path: Path, kind: str) -> str:
    if kind == "png":
        return picture_text(await beside(path.read_bytes))
    return picture_text(await request.app[PICTURES].encode(path, Rendition(format=kind)))


async def _done(request: web.Request, graph: Graph) -> Job:
    async with submitted(request, graph, DIALECT) as watch:
        return await ended(request, watch)
