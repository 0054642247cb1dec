"""OpenAI's Images API: pictures from prompts, from pictures, and with holes painted anew."""

import contextlib
import io
import logging
import time
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from limner.dialects.openai.images_answer import Made, answer, as_text, completed_event, error_event, partial_event
from limner.dialects.openai.images_request import DEFAULT_SIZE, ImagesRequest, check_cost, read_images_request
from limner.dialects.openai.refusals import error_body, refusal
from limner.dialects.pictures import PictureWish
from limner.engine.events import NodePreview
from limner.graph.errors import DocumentError, LimnerError
from limner.graph.graph import Graph
from limner.jobs.records import Job
from limner.server.awaited import Watch
from limner.server.bodies import beside, read_object
from limner.server.form_parts import Form, InputPicture, keep_picture, read_form
from limner.server.openai_door import REQUEST_ID, chosen_checkpoint, openai_route
from limner.server.picture_jobs import KEY, ended, finished, picture_files, submitted
from limner.server.pictures import Rendition, encode
from limner.server.replies import json_reply
from limner.server.route import PICTURES, SERVICE

DEPLOYMENT = "/openai/deployments/{model}/images/"
"""Where Azure's clients ask."""

UPLOADS = "openai"
"""Folder of the input pictures."""

MOST_PICTURES = 16
EDITED, VARIED = 0.75, 0.6
"""How much of a picture is painted over if the client does not say."""

KEEP_ALIVE = 10.0
"""Seconds of silence after which a stream gets a comment, so that no proxy takes it for dead."""

COMMENT = b": keep-alive\n\n"

LOG = logging.getLogger(__name__)

GENERATION, EDIT = "image_generation", "image_edit"


@openai_route("POST", "/images/generations", f"{DEPLOYMENT}generations")
async def generate(request: web.Request) -> web.StreamResponse:
    """Pictures by a prompt."""
    try:
        body = await read_object(request)
    except DocumentError as error:
        raise refusal(str(error), "invalid_json") from error
    asked = read_images_request(_with_deployment(request, body), request.headers.get(KEY, ""))
    checkpoint = await chosen_checkpoint(request, asked.model)
    wish = _wish(asked, checkpoint, asked.size or DEFAULT_SIZE)
    return await _drawn(request, asked, wish, GENERATION)


@openai_route("POST", "/images/edits", f"{DEPLOYMENT}edits")
async def edit(request: web.Request) -> web.StreamResponse:
    """Pictures from a picture: all of it painted over, or the transparent part of a mask painted anew."""
    form = await read_form(request)
    asked = read_images_request(_with_deployment(request, form.fields), request.headers.get(KEY, ""))
    origin = await _picture(request, form, "image")
    mask = await _picture(request, form, "mask") if form.files.get("mask") else None
    if mask is not None and (not mask.alpha or mask.size != origin.size):
        rule = f"have the size of the image ({origin.size[0]} x {origin.size[1]})" if mask.alpha else "be transparent"
        raise refusal(f"'mask' must {rule}; what is transparent is painted anew.", "invalid_image", "mask")
    return await _painted(request, asked, origin, mask, EDITED if mask is None else 1.0)


@openai_route("POST", "/images/variations", f"{DEPLOYMENT}variations")
async def vary(request: web.Request) -> web.StreamResponse:
    """Pictures like a picture."""
    form = await read_form(request)
    fields = {**_with_deployment(request, form.fields), "prompt": form.fields.get("prompt") or " "}
    asked = read_images_request(fields, request.headers.get(KEY, ""))
    return await _painted(request, asked, await _picture(request, form, "image"), None, VARIED)


def _with_deployment(request: web.Request, body: Mapping[str, Any]) -> dict[str, Any]:
    """A body with the model that Azure's clients name in the path."""
    model = request.match_info.get("model")
    return {**body, "model": body.get("model") or model} if model else dict(body)


async def _picture(request: web.Request, form: Form, name: str) -> InputPicture:
    """The first picture of a part, among the input pictures.

    Raises:
        GraphError: if there is none, or it is no picture.
    """
    sent = form.files.get(name, [])
    if not sent:
        raise refusal(f"Missing required parameter: {name!r}, a file.", "missing_required_parameter", name)
    if len(sent) > MOST_PICTURES:
        raise refusal(f"{name!r} has {len(sent)} files; at most {MOST_PICTURES} are taken.", "invalid_value", name)
    folder = request.app[SERVICE].folders.input
    try:
        return await beside(lambda: keep_picture(sent[0], folder, UPLOADS))
    except DocumentError as error:
        raise refusal(f"{name!r}: {error}", "invalid_image", name) from error


async def _painted(
    request: web.Request, asked: ImagesRequest, origin: InputPicture, mask: InputPicture | None, denoise: float
) -> web.StreamResponse:
    checkpoint = await chosen_checkpoint(request, asked.model)
    changes = {
        "origin": origin.name,
        "mask": "" if mask is None else mask.name,
        "denoise": denoise if asked.strength is None else asked.strength,
    }
    wish = _wish(asked, checkpoint, asked.size or origin.size, **changes)
    return await _drawn(request, asked, wish, EDIT, origin.size[0] * origin.size[1])


def _wish(asked: ImagesRequest, checkpoint: str, size: tuple[int, int], **changes: Any) -> PictureWish:
    check_cost(asked.count, size)
    return PictureWish(
        model=checkpoint,
        prompt=asked.prompt,
        negative=asked.negative,
        width=size[0],
        height=size[1],
        seeds=asked.seeds,
        steps=asked.steps,
        guidance=asked.guidance,
        sampler=asked.sampler,
        schedule=asked.schedule,
        prefix="openai",
        **changes,
    )


async def _drawn(
    request: web.Request, asked: ImagesRequest, wish: PictureWish, kind: str, shown: int = 0
) -> web.StreamResponse:
    made = Made(
        created=int(time.time()),
        size=(wish.width, wish.height),
        format=asked.format,
        prompt=asked.prompt,
        count=asked.count,
        shown=shown,
    )
    if asked.stream:
        return await _streamed(request, asked, wish.graph(), made, kind)
    async with submitted(request, wish.graph(), "openai") as watch:
        job = await ended(request, watch)
    return json_reply(answer(made, [await _entry(request, asked, *file) for file in _files(request, job)]))


def _files(request: web.Request, job: Job) -> list[tuple[Mapping[str, str], Path]]:
    return list(picture_files(job, request.app[SERVICE].folders))


async def _entry(request: web.Request, asked: ImagesRequest, file: Mapping[str, str], path: Path) -> dict[str, str]:
    """A picture as an address or as text."""
    if not asked.as_address:
        return {"b64_json": as_text(await _encoded(request, asked, path))}
    query = dict(file) | ({} if asked.format == "png" else {"preview": f"{asked.format};{asked.quality}"})
    return {"url": f"{request.scheme}://{request.host}/view?{urllib.parse.urlencode(query)}"}


async def _encoded(request: web.Request, asked: ImagesRequest, path: Path) -> bytes:
    if asked.format == "png":
        return await beside(path.read_bytes)
    return await request.app[PICTURES].encode(path, Rendition(format=asked.format, quality=asked.quality))


async def _streamed(
    request: web.Request, asked: ImagesRequest, graph: Graph, made: Made, kind: str
) -> web.StreamResponse:
    """Events: pictures on the way as far as they are wanted, then the pictures."""
    async with submitted(request, graph, "openai", previews=asked.partial > 0) as watch:
        headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-cache"}
        reply = web.StreamResponse(headers={**headers, REQUEST_ID: request[REQUEST_ID]})
        await reply.prepare(request)
        try:
            job = await _told(request, reply, watch, asked, made, kind)
            for _, path in _files(request, job):
                await reply.write(completed_event(kind, made, await _encoded(request, asked, path)))
        except ConnectionError:
            raise
        except (LimnerError, OSError) as error:
            LOG.warning("A stream of pictures ended early: %s", error)
            said = str(error) if isinstance(error, LimnerError) else "The picture cannot be read any more."
            await reply.write(error_event(error_body(said, 500, "server_error")))
        await reply.write_eof()
        return reply


async def _told(
    request: web.Request, reply: web.StreamResponse, watch: Watch, asked: ImagesRequest, made: Made, kind: str
) -> Job:
    """The job when it is done; its pictures on the way have been told by then."""
    told, last = 0, None
    async for news in watch.news(KEEP_ALIVE):
        if news is None:
            await reply.write(COMMENT)
            continue
        last, event = news
        if request.transport is None:
            raise ConnectionResetError("The client went away.")
        if isinstance(event, NodePreview) and told < asked.partial:
            with contextlib.suppress(DocumentError):  # One that cannot be shown is one less.
                picture = await _in_form(request, asked, event.image)
                await reply.write(partial_event(kind, made, told, picture))
                told += 1
    assert last is not None  # The last event ends the job.
    return finished(last)


async def _in_form(request: web.Request, asked: ImagesRequest, picture: bytes) -> bytes:
    """A picture on the way in the form that the events say it has."""
    wanted = Rendition(format=asked.format, quality=asked.quality)
    return await request.app[PICTURES].run(lambda: encode(io.BytesIO(picture), wanted))
