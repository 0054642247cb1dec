"""From a request to what is drawn: what there is, the pictures that it sent, and its drawings as one."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.a1111.answer import Told, extra_settings
from limner.dialects.a1111.control import Unit, control_units
from limner.dialects.a1111.encoded import picture_bytes
from limner.dialects.a1111.errors import invalid, refusal
from limner.dialects.a1111.graph import Canvas, Drawing
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.montage import Drawable, Montage, Piece
from limner.dialects.a1111.plan import plan
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.script import Cell, Spread, Tiles
from limner.dialects.a1111.spreading import spread
from limner.dialects.a1111.tiles import TiledDrawing
from limner.graph.errors import DocumentError, WorkerLostError
from limner.server.a1111.canvas import canvas, whole_picture
from limner.server.a1111.inputs import sent_picture
from limner.server.a1111.models import checkpoints, current_options, file_digests
from limner.server.a1111.styles import prompt_styles
from limner.server.caller import folders_of
from limner.server.route import PICTURES, SERVICE
from limner.server.starting import known_catalog, starting_reason


@dataclass(frozen=True, kw_only=True)
class Planning:
    """What is drawn.

    Attributes:
        drawable: All of it.
        tolds: What each drawing tells.
        spread: How it came of the request.
    """

    drawable: Drawable
    tolds: tuple[Told, ...]
    spread: Spread

    @property
    def text(self) -> str:
        """What a sheet of all says; empty if nothing is written into pictures."""
        return self.tolds[0].sheet_text(self.spread.settings) if self.drawable.texts else ""


@dataclass(frozen=True, kw_only=True)
class _Materials:
    """What drawings are made of.

    Attributes:
        known: What there is.
        units: Of ControlNet.
        begun: Name of the picture that stands for the first pass; empty: none does.
        folder: Of the input pictures.
    """

    known: Known
    units: tuple[Unit, ...]
    begun: str
    folder: Path


async def planned(request: web.Request, asked: Asked, known: Known) -> Planning:
    """What a request draws.

    Raises:
        GraphError: if it cannot be drawn.
    """
    units = await _units(request, asked, known)
    sent = asked["firstpass_image"] if asked.hires else None
    begun = (await sent_picture(request, sent)).name if sent else ""
    materials = _Materials(known=known, units=units, begun=begun, folder=folders_of(request).input)
    try:
        return await request.app[PICTURES].run(lambda: _planning(asked, materials))
    except DocumentError as error:
        raise refusal(f"Invalid encoded image: {error}", 500) from error


async def known_now(request: web.Request, asked: Asked) -> Known:
    """What there is for a request.

    Raises:
        GraphError: if there is no checkpoint.
        WorkerLostError: if no worker is up yet.
    """
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
        digest=file_digests(request),
    )


async def _units(request: web.Request, asked: Asked, known: Known) -> tuple[Unit, ...]:
    """What ControlNet adds, its pictures among the input pictures."""
    units = control_units(asked["alwayson_scripts"], known.lists("controlnet"))
    for number, unit in enumerate(units):
        if not unit.picture and not asked.from_picture:
            raise invalid("No image selected.", "alwayson_scripts", "ControlNet", number, "image")
        sent = {name: text for name, text in (("picture", unit.picture), ("mask", unit.mask)) if text}
        kept = {name: (await sent_picture(request, text)).name for name, text in sent.items()}
        units[number] = dataclasses.replace(unit, **kept)
    return tuple(units)


def _planning(asked: Asked, materials: _Materials) -> Planning:
    """Blocks: brings pictures to size and keeps them."""
    found = spread(asked, materials.known)
    canvases: dict[Any, Canvas] = {}
    tolds: list[Told] = []
    pieces: list[Piece] = []
    for cell in found.cells:
        painted = None
        if asked.from_picture and found.tiles is None:
            painted = _canvas(cell, materials, canvases)
        told = _told(cell, materials, painted)
        written = told.texts if materials.known.options.get("enable_pnginfo", True) else ()
        pieces.append(Piece(dataclasses.replace(told.planned.drawing, texts=written), cell.after))
        tolds.append(told)
    drawable: Drawable = Montage(tuple(pieces))
    if found.tiles is not None:
        drawable = _tiled(pieces[0].drawing, asked, found.tiles, materials)
    return Planning(drawable=drawable, tolds=tuple(tolds), spread=found)


def _told(cell: Cell, materials: _Materials, painted: Canvas | None) -> Told:
    asked, known = cell.asked, materials.known.changed(cell.options)
    found = plan(asked, known)
    hints = not known.options.get("control_net_no_detectmap")
    drawing = dataclasses.replace(
        found.drawing, units=materials.units, hints=hints, canvas=painted, begun=materials.begun
    )
    found = dataclasses.replace(found, drawing=drawing)
    return Told(asked=asked, planned=found, extra=extra_settings(asked, found))


def _canvas(cell: Cell, materials: _Materials, canvases: dict[Any, Canvas]) -> Canvas:
    """What a drawing paints over; drawings of one size and filling share it."""
    asked = cell.asked
    key = asked.size, asked["inpainting_fill"]
    if key not in canvases:
        pictures = [picture_bytes(text) for text in asked["init_images"]]
        sent = asked["mask"] or asked["latent_mask"]
        mask = picture_bytes(sent) if sent else None
        canvases[key] = canvas(asked, pictures, mask, _ground(materials), materials.folder)
    found = canvases[key]
    if cell.after is None:
        return found
    every = (found.origins * asked.count)[: asked.count]
    return dataclasses.replace(found, origins=every, stretched=False)


def _tiled(drawing: Drawing, asked: Asked, tiles: Tiles, materials: _Materials) -> TiledDrawing:
    data = picture_bytes(asked["init_images"][0])
    name, size = whole_picture(data, _ground(materials), materials.folder)
    plan = TiledDrawing(drawing=drawing, tiles=tiles, origin=name, original=size)
    plan.check()
    return plan


def _ground(materials: _Materials) -> object:
    return materials.known.options.get("img2img_background_color")
