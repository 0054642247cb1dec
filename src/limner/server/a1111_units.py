"""Scripts that come along with a drawing: their pictures become input pictures, others are refused by name."""

import dataclasses

from aiohttp import web

from limner.dialects.a1111.control import Unit, control_units
from limner.dialects.a1111.errors import invalid, script_missing
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.scripts_keys import SELECTABLE
from limner.server.a1111_inputs import sent_picture
from limner.server.bodies import beside
from limner.server.route import SERVICE


async def sent_units(request: web.Request, asked: Asked) -> tuple[Unit, ...]:
    """The units that steer a drawing; their pictures are names of input pictures.

    Raises:
        GraphError: if a script is not there, or a unit cannot be meant or has no picture.
    """
    if asked["script_name"]:
        raise script_missing(asked["script_name"], SELECTABLE)
    lists = request.app[SERVICE].lists
    units = control_units(asked["alwayson_scripts"] or {}, await beside(lambda: lists("controlnet")))
    return tuple([await _with_picture(request, unit, asked) for unit in units])


async def _with_picture(request: web.Request, unit: Unit, asked: Asked) -> Unit:
    """A unit without a picture of its own is steered by what is painted over."""
    origins = (asked["init_images"] or []) if asked.from_picture else []
    sent = unit.picture or next(iter(origins), "")
    if not sent:
        raise invalid("A unit of ControlNet has no image.", "alwayson_scripts")
    return dataclasses.replace(unit, picture=(await sent_picture(request, sent)).name)
