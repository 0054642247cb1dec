"""A1111's ``/txt2img`` and ``/img2img``: pictures by prompts, and pictures painted over."""

import dataclasses
import uuid

from aiohttp import web

from limner.dialects.a1111.answer import Told, extra_settings
from limner.dialects.a1111.encoded import picture_bytes, picture_text
from limner.dialects.a1111.errors import refusal
from limner.dialects.a1111.graph import Canvas, walks
from limner.dialects.a1111.plan import Known, Planned, plan
from limner.dialects.a1111.request import Asked, read_drawing
from limner.graph.errors import DocumentError, WorkerLostError
from limner.jobs.records import Job, JobState
from limner.server.a1111_canvas import canvas
from limner.server.a1111_door import a1111_route
from limner.server.a1111_models import checkpoints, current_options
from limner.server.a1111_state import Drawing as Going
from limner.server.a1111_styles import prompt_styles
from limner.server.awaited import Watch
from limner.server.bodies import beside, read_object
from limner.server.picture_jobs import LOOK, finished, picture_files, submitted
from limner.server.replies import json_reply
from limner.server.route import DRAWINGS, PICTURES, SERVICE
from limner.server.starting import known_catalog, starting_reason

DIALECT = "a1111"


@a1111_route("POST", "/txt2img")
async def txt2img(request: web.Request) -> web.StreamResponse:
    """Pictures by a prompt."""
    asked = read_drawing(await read_object(request), from_picture=False)
    planned = plan(asked, await _known(request, asked))
    return await _drawn(request, asked, planned)


@a1111_route("POST", "/img2img")
async def img2img(request: web.Request) -> web.StreamResponse:
    """Pictures from pictures: all of them painted over, or what is masked."""
    asked = read_drawing(await read_object(request), from_picture=True)
    known = await _known(request, asked)
    planned, ground = plan(asked, known), known.options.get("img2img_background_color")
    folder = request.app[SERVICE].folders.input

    def prepared() -> Canvas:
        pictures = [picture_bytes(text) for text in asked["init_images"]]
        mask = picture_bytes(asked["mask"]) if asked["mask"] else None
        return canvas(asked, pictures, mask, ground, folder)

    try:
        origin = await request.app[PICTURES].run(prepared)
    except DocumentError as error:
        raise refusal(f"Invalid encoded image: {error}", 500) from error
    drawing = dataclasses.replace(planned.drawing, canvas=origin)
    return await _drawn(request, asked, dataclasses.replace(planned, drawing=drawing))


async def _known(request: web.Request, asked: Asked) -> Known:
    catalog = await known_catalog(request)
    if catalog is None:
        raise WorkerLostError(starting_reason(request))
    options, checkpoint = await current_options(request, asked["override_settings"])
    return Known(
        checkpoint=checkpoint,
        checkpoints=await checkpoints(request),
        lists=request.app[SERVICE].lists,
        samplers=[named.name for named in catalog.samplers],
        schedules=[named.name for named in catalog.schedules],
        options=options,
        styles=await prompt_styles(request),
    )


async def _drawn(request: web.Request, asked: Asked, planned: Planned) -> web.Response:
    told = Told(asked=asked, planned=planned, extra=extra_settings(asked, planned))
    drawing = dataclasses.replace(planned.drawing, texts=told.texts)
    graph = drawing.graph()
    task = asked["force_task_id"] or str(uuid.uuid4())
    with request.app[DRAWINGS].begin(task, walks(graph), drawing.first.steps.taken) as going:
        async with submitted(request, graph, DIALECT, previews=True) as watch:
            job = await _heard(request, watch, going)
    pictures = await _pictures(request, job) if asked["send_images"] else []
    return json_reply(told.answer(pictures))


async def _heard(request: web.Request, watch: Watch, going: Going) -> Job:
    """The job when it is done, or was stopped: then what it has made is the answer.

    Raises:
        ConnectionResetError: if the client goes away.
        StepError: if it failed.
    """
    last = None
    async for news in watch.news(LOOK):
        if request.transport is None:
            raise ConnectionResetError("The client went away.")
        if news is not None:
            last = news[0]
            going.hear(*news)
    assert last is not None  # The last event ends the job.
    return last if last.state is JobState.INTERRUPTED and going.interrupted else finished(last)


async def _pictures(request: web.Request, job: Job) -> list[str]:
    files = picture_files(job, request.app[SERVICE].folders)
    return [picture_text(await beside(path.read_bytes)) for _, path in files]
