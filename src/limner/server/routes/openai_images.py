"""OpenAI's Images API: pictures from prompts, from pictures, and with holes painted anew."""

import contextlib
import io
import logging
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner.dialects.openai.images_answer import answer, completed_event, error_event, partial_event
from limner.dialects.openai.images_request import ImagesRequest, read_images_request
from limner.dialects.openai.refusals import error_body
from limner.engine.events import NodePreview
from limner.graph.errors import DocumentError, LimnerError
from limner.jobs.records import Job
from limner.server.awaited import Watch
from limner.server.event_stream import COMMENT, KEEP_ALIVE, begin_stream
from limner.server.openai.door import REQUEST, REQUEST_ID, openai_route
from limner.server.openai.drawing import (
    DENOISE,
    Drawing,
    address_in_form,
    bytes_in_form,
    done,
    drawing_of,
    entry_of,
)
from limner.server.openai.inputs import Inputs, inputs_of, read_fields, read_inputs
from limner.server.picture_jobs import KEY, ended, finished, submitted
from limner.server.pictures import Rendition, encode
from limner.server.replies import json_reply
from limner.server.route import PICTURES

DEPLOYMENT = "/openai/deployments/{model}/images/"
"""Where Azure's clients ask."""

VARIED = 0.6
"""How much of a picture is painted over for a variation."""

LOG = logging.getLogger(__name__)

GENERATION, EDIT = "image_generation", "image_edit"


@openai_route("POST", "/images/generations", f"{DEPLOYMENT}generations")
async def generate(request: web.Request) -> web.StreamResponse:
    """Pictures by a prompt; from pictures, if the body names some as other services' clients do."""
    inputs = await inputs_of(request, await read_fields(request))
    asked = _asked(request, inputs.fields)
    if inputs.pictures:
        return await _painted(request, asked, inputs, DENOISE)
    return await _drawn(request, await drawing_of(request, asked), GENERATION)


@openai_route("POST", "/images/edits", f"{DEPLOYMENT}edits")
async def edit(request: web.Request) -> web.StreamResponse:
    """Pictures from a picture: all of it painted over, or the transparent part of a mask painted anew."""
    inputs = await read_inputs(request)
    return await _painted(request, _asked(request, inputs.fields), inputs, DENOISE)


@openai_route("POST", "/images/variations", f"{DEPLOYMENT}variations")
async def vary(request: web.Request) -> web.StreamResponse:
    """Pictures like a picture."""
    inputs = await read_inputs(request)
    asked = _asked(request, {**inputs.fields, "prompt": inputs.fields.get("prompt") or " "})
    return await _painted(request, asked, inputs, VARIED)


def _asked(request: web.Request, fields: Mapping[str, Any]) -> ImagesRequest:
    """What a body asks for, with the model that Azure's clients name in the path."""
    model = request.match_info.get("model")
    named = {**fields, "model": fields.get("model") or model} if model else fields
    return read_images_request(named, request.headers.get(KEY, ""))


async def _painted(request: web.Request, asked: ImagesRequest, inputs: Inputs, denoise: float) -> web.StreamResponse:
    inputs.origin()
    return await _drawn(request, await drawing_of(request, asked, inputs.pictures, inputs.mask, denoise), EDIT)


async def _drawn(request: web.Request, drawing: Drawing, kind: str) -> web.StreamResponse:
    if drawing.asked.stream:
        return await _streamed(request, drawing, kind)
    began = time.monotonic()
    async with submitted(request, drawing.graph, "openai", extra=drawing.extra) as watch:
        job = await ended(request, watch)
    (drawing, files), asked = await done(request, drawing, job), drawing.asked
    entries = [await entry_of(request, asked, *file) for file in files]
    addresses = [address_in_form(request, asked, file) for file, _ in files]
    return json_reply(answer(drawing.made, entries, addresses, asked.seed, time.monotonic() - began))


async def _streamed(request: web.Request, drawing: Drawing, kind: str) -> web.StreamResponse:
    """Events: pictures on the way as far as they are wanted, then the pictures."""
    asked = drawing.asked
    shown = asked.partial > 0
    async with submitted(request, drawing.graph, "openai", previews=shown, extra=drawing.extra) as watch:
        reply = await begin_stream(request, **{REQUEST_ID: request[REQUEST]})
        try:
            job = await _told(request, reply, watch, drawing, kind)
            drawing, files = await done(request, drawing, job)
            for _, path in files:
                await reply.write(completed_event(kind, drawing.made, await bytes_in_form(request, asked, path)))
        except ConnectionError:
            raise
        except (LimnerError, OSError) as error:
            LOG.warning("A stream of pictures ended early: %s", error)
            said = str(error) if isinstance(error, LimnerError) else "The picture cannot be read any more."
            await reply.write(error_event(error_body(said, 500, "server_error")))
        await reply.write_eof()
        return reply


async def _told(request: web.Request, reply: web.StreamResponse, watch: Watch, drawing: Drawing, kind: str) -> Job:
    """The job when it is done; its pictures on the way have been told by then."""
    told, last, asked = 0, None, drawing.asked
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
                await reply.write(partial_event(kind, drawing.made, told, picture))
                told += 1
    assert last is not None  # The last event ends the job.
    return finished(last)


async def _in_form(request: web.Request, asked: ImagesRequest, picture: bytes) -> bytes:
    """A picture on the way in the form that the events say it has."""
    wanted = Rendition(format=asked.format, quality=asked.quality)
    return await request.app[PICTURES].run(lambda: encode(io.BytesIO(picture), wanted))
