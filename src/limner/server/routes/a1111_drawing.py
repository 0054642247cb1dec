"""A1111's ``/txt2img`` and ``/img2img``: pictures by prompts, and pictures painted over."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner.dialects.a1111.answer import Told, extra_settings
from limner.dialects.a1111.control import control_units
from limner.dialects.a1111.encoded import picture_bytes, picture_text
from limner.dialects.a1111.errors import invalid, refusal
from limner.dialects.a1111.graph import Canvas
from limner.dialects.a1111.options import picture_format
from limner.dialects.a1111.plan import Known, Planned, plan
from limner.dialects.a1111.request import Asked, read_drawing
from limner.graph.errors import DocumentError, WorkerLostError
from limner.server.a1111_answers import encoded, sheet
from limner.server.a1111_canvas import canvas
from limner.server.a1111_door import a1111_route
from limner.server.a1111_inputs import sent_picture
from limner.server.a1111_jobs import Made, drawn
from limner.server.a1111_models import checkpoints, current_options
from limner.server.a1111_styles import prompt_styles
from limner.server.bodies import read_object
from limner.server.replies import json_reply
from limner.server.route import PICTURES, SERVICE
from limner.server.starting import known_catalog, starting_reason


@a1111_route("POST", "/txt2img")
async def txt2img(request: web.Request) -> web.StreamResponse:
    """Pictures by a prompt."""
    asked = read_drawing(await read_object(request), from_picture=False)
    known = await _known(request, asked)
    planned = plan(asked, known)
    drawing = dataclasses.replace(planned.drawing, **await _units(request, asked, known))
    return await _answer(request, asked, dataclasses.replace(planned, drawing=drawing), known.options)


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
    drawing = dataclasses.replace(planned.drawing, canvas=origin, **await _units(request, asked, known))
    return await _answer(request, asked, dataclasses.replace(planned, drawing=drawing), known.options)


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


async def _units(request: web.Request, asked: Asked, known: Known) -> dict[str, Any]:
    """What ControlNet adds to a drawing."""
    units = control_units(asked["alwayson_scripts"], known.lists("controlnet"))
    for number, unit in enumerate(units):
        if not unit.picture and not asked.from_picture:
            raise invalid("No image selected.", "alwayson_scripts", "ControlNet", number, "image")
        if unit.picture:
            units[number] = dataclasses.replace(unit, picture=(await sent_picture(request, unit.picture)).name)
    return {"units": tuple(units), "hints": not known.options.get("control_net_no_detectmap")}


async def _answer(request: web.Request, asked: Asked, planned: Planned, options: Mapping[str, Any]) -> web.Response:
    told = Told(asked=asked, planned=planned, extra=extra_settings(asked, planned))
    written = told.texts if options.get("enable_pnginfo", True) else ()
    made, hints = await drawn(request, dataclasses.replace(planned.drawing, texts=written), asked["force_task_id"])
    gridded = bool(asked["save_images"] and len(made) > 1 and options.get("return_grid", True))

    def in_form() -> list[str]:
        shown = (
            [Made(sheet([one.data for one in made], _whole(options, "n_rows", -1)), made[0].text)] if gridded else []
        )
        form, quality = picture_format(options), _whole(options, "jpeg_quality", 80)
        return [picture_text(encoded(one.data, form, quality, one.text)) for one in [*shown, *made, *hints]]

    pictures = await request.app[PICTURES].run(in_form) if asked["send_images"] else []
    return json_reply(told.answer(pictures, grids=int(gridded)))


def _whole(options: Mapping[str, Any], name: str, default: int) -> int:
    said = options.get(name)
    return min(max(int(said), -1), 100) if isinstance(said, int | float) else default
