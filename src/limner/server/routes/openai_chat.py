"""Pictures for clients that know only chats: ``/v1/chat/completions``."""

import dataclasses
import logging
import uuid
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from limner.dialects.openai.chat_answer import Reply, error_chunk, in_words, picture_part
from limner.dialects.openai.chat_request import ChatRequest, read_chat_request
from limner.dialects.openai.models import model_name
from limner.dialects.openai.refusals import error_body
from limner.graph.errors import GraphError, LimnerError
from limner.jobs.records import Job
from limner.server.awaited import Watch
from limner.server.event_stream import COMMENT, KEEP_ALIVE, begin_stream
from limner.server.openai.door import REQUEST, REQUEST_ID, chosen_model, openai_route
from limner.server.openai.drawing import Drawing, File, address_in_form, bytes_in_form, done, drawing_of
from limner.server.openai.inputs import read_fields, shown_pictures
from limner.server.picture_jobs import KEY, ended, finished, submitted
from limner.server.replies import json_reply

LOG = logging.getLogger(__name__)


@openai_route("POST", "/chat/completions", "/openai/deployments/{model}/chat/completions")
async def complete(request: web.Request) -> web.StreamResponse:
    """Draws what the last message asks for, from the pictures that it shows if there are some."""
    body = await read_fields(request)
    model = request.match_info.get("model")
    named = {**body, "model": body.get("model") or model} if model else body
    chat = read_chat_request(named, request.headers.get(KEY, ""))
    asked = dataclasses.replace(chat.asked, model=await _first_known(request, chat.models))
    drawing = await drawing_of(request, asked, await shown_pictures(request, chat.shown))
    reply = Reply(name=f"chatcmpl-{uuid.uuid4().hex}", model=model_name(drawing.model), made=drawing.made)
    if asked.stream:
        return await _streamed(request, chat, drawing, reply)
    async with submitted(request, drawing.graph, "openai", extra=drawing.extra) as watch:
        job = await ended(request, watch)
    drawing, files = await done(request, drawing, job)
    return json_reply(_paid(reply, drawing, job).whole(*await _contents(request, chat, drawing, files)))


async def _first_known(request: web.Request, models: tuple[str, ...]) -> str | None:
    """The first of some models that there is; None: nothing was asked for.

    Raises:
        GraphError: if there is none of them; it is about the first.
    """
    refused: GraphError | None = None
    for name in models:
        try:
            return await chosen_model(request, name)
        except GraphError as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return None


def _paid(reply: Reply, drawing: Drawing, job: Job) -> Reply:
    """The answer with who drew and what that cost."""
    providers = [charge.provider for charge in job.charges if not charge.failure]
    return dataclasses.replace(reply, made=drawing.made, **({"provider": providers[-1]} if providers else {}))


async def _contents(
    request: web.Request, chat: ChatRequest, drawing: Drawing, files: Sequence[File]
) -> tuple[str, list[dict[str, Any]]]:
    """The words and the pictures of a message."""
    asked = drawing.asked
    pictures = [
        picture_part(number, asked.format, await bytes_in_form(request, asked, path))
        for number, (_, path) in enumerate(files)
    ]
    addresses = [address_in_form(request, asked, file) for file, _ in files] if chat.linked else []
    model = model_name(drawing.model)
    return in_words(drawing.made, model, asked.seed, addresses) if chat.told else "", pictures


async def _streamed(request: web.Request, chat: ChatRequest, drawing: Drawing, reply: Reply) -> web.StreamResponse:
    async with submitted(request, drawing.graph, "openai", extra=drawing.extra) as watch:
        stream = await begin_stream(request, **{REQUEST_ID: request[REQUEST]})
        await stream.write(reply.opening())
        try:
            job = await _awaited(request, stream, watch)
            drawing, files = await done(request, drawing, job)
            words, pictures = await _contents(request, chat, drawing, files)
            for chunk in _paid(reply, drawing, job).chunks(words, pictures, counted=chat.counted):
                await stream.write(chunk)
        except ConnectionError:
            raise
        except (LimnerError, OSError) as error:
            LOG.warning("A streamed chat ended early: %s", error)
            said = str(error) if isinstance(error, LimnerError) else "The picture cannot be read any more."
            await stream.write(error_chunk(error_body(said, 500, "server_error")))
        await stream.write_eof()
        return stream


async def _awaited(request: web.Request, stream: web.StreamResponse, watch: Watch) -> Job:
    """The job when it is done; silence is filled with comments."""
    last = None
    async for news in watch.news(KEEP_ALIVE):
        if request.transport is None:
            raise ConnectionResetError("The client went away.")
        if news is None:
            await stream.write(COMMENT)
        last = news or last
    assert last is not None  # The last event ends the job.
    return finished(last[0])
