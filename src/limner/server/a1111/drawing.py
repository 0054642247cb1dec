"""Draws what a request of A1111's asks for, and answers it."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from limner.dialects.a1111.encoded import picture_text
from limner.dialects.a1111.options import picture_format
from limner.dialects.a1111.reply import drawing_reply
from limner.dialects.a1111.request import Asked
from limner.server.a1111.answers import encoded, sheet
from limner.server.a1111.grid import sheets
from limner.server.a1111.jobs import Made, drawn
from limner.server.a1111.planning import Planning, known_now, planned
from limner.server.replies import json_reply
from limner.server.route import PICTURES


async def draw(request: web.Request, asked: Asked) -> web.Response:
    """The pictures of a request.

    Raises:
        GraphError: if it cannot be drawn here.
        StepError: if that failed.
        WorkerLostError: if there is no worker.
    """
    known = await known_now(request, asked)
    planning = await planned(request, asked, known)
    made, hints = await drawn(request, planning.drawable, asked["force_task_id"])
    pictures = request.app[PICTURES]
    front = await pictures.run(lambda: _front(asked, planning, made, known.options))
    shown = made if planning.spread.alone else []

    def in_form() -> list[str]:
        form, quality = picture_format(known.options), _whole(known.options, "jpeg_quality", 80)
        return [picture_text(encoded(one.data, form, quality, one.text)) for one in [*front, *shown, *hints]]

    texts = await pictures.run(in_form) if asked["send_images"] else []
    return json_reply(drawing_reply(planning.tolds, texts, [one.text for one in front]))


def _front(asked: Asked, planning: Planning, made: Sequence[Made], options: Mapping[str, Any]) -> list[Made]:
    """What shows several pictures: the script's sheets, or one of all if they are kept. Blocks."""
    grid = planning.spread.grid
    if not made:
        return []
    if grid is not None:
        files = sheets(_by_drawing(planning, made), grid, planning.text)
        return [Made(file, planning.text) for file in (files if planning.spread.layers else files[:1])]
    if asked["save_images"] and len(made) > 1 and options.get("return_grid", True):
        rows, text = _whole(options, "n_rows", -1), made[0].text
        return [Made(sheet([one.data for one in made], rows, text), text)]
    return []


def _by_drawing(planning: Planning, made: Sequence[Made]) -> list[list[bytes]]:
    """The pictures of each drawing; those that were left are missing."""
    files = {one.number: one.data for one in made}
    found: list[list[bytes]] = []
    first = 0
    for told in planning.tolds:
        numbers = range(first, first + told.asked.count)
        found.append([files[number] for number in numbers if number in files])
        first += told.asked.count
    return found


def _whole(options: Mapping[str, Any], name: str, default: int) -> int:
    said = options.get(name)
    return min(max(int(said), -1), 100) if isinstance(said, int | float) else default
