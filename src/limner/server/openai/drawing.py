"""Pictures for OpenAI's door: from what was asked for to the job that draws it, and its pictures for bodies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.apps.pictures import AppWish
from limner.dialects.apps.records import app_named
from limner.dialects.openai.images_answer import Made, as_text
from limner.dialects.openai.images_request import DEFAULT_SIZE, ImagesRequest, check_cost
from limner.dialects.openai.refusals import refusal
from limner.dialects.pictures import PictureWish
from limner.graph.catalog import Lists
from limner.graph.graph import Graph
from limner.jobs.records import Job
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.form_parts import InputPicture
from limner.server.openai.app_drawing import app_graph, app_wish
from limner.server.openai.door import chosen_model
from limner.server.picture_jobs import picture_files
from limner.server.pictures import Rendition, picture_size
from limner.server.public_address import file_address
from limner.server.route import PICTURES, SERVICE
from limner.storage.media_types import media_type

CUTTERS = "background_removal"
"""The kind of the networks that tell subjects from backgrounds."""

PREFIX = "openai"
"""What saved files are called."""

DENOISE = 0.75
"""How much of a picture is painted over if the client does not say, and there is no mask."""


File = tuple[Mapping[str, str], Path]
"""A picture as ``/view`` names it, and where it is."""


@dataclass(frozen=True)
class Drawing:
    """A request's pictures on their way.

    Attributes:
        asked: What for.
        model: What draws them, a checkpoint or an app.
        graph: What is to run for them.
        made: What all answers tell.
        extra: What belongs into the pictures beside the graph.
    """

    asked: ImagesRequest
    model: str
    graph: Graph
    made: Made
    extra: Mapping[str, Any] = field(default_factory=dict)

    def paid(self, job: Job) -> "Drawing":
        """The same with what other services took for it, if that is known."""
        costs = [charge.cost for charge in job.charges if charge.cost is not None]
        return replace(self, made=replace(self.made, cost=sum(costs))) if costs else self

    def left(self, count: int, size: tuple[int, int]) -> "Drawing":
        """The same with what it became: an app may leave more pictures, or others, than were asked for."""
        return replace(self, made=replace(self.made, count=count, size=size))


async def drawing_of(
    request: web.Request,
    asked: ImagesRequest,
    pictures: Sequence[InputPicture] = (),
    mask: InputPicture | None = None,
    denoise: float = DENOISE,
) -> Drawing:
    """What is to be drawn.

    Args:
        request: Who asks.
        asked: What for.
        pictures: The one that is painted over, and further ones that the network may look at; an app's, in its order.
        mask: Its transparent part is painted anew.
        denoise: How much is painted over if nothing was said and there is no mask.

    Raises:
        GraphError: if there is no such model, or it is too much.
    """
    model = await chosen_model(request, asked.model)
    cutter = await _cutter(request) if asked.transparent else ""
    if app := app_named(model):
        wish = await app_wish(request, app, asked, pictures, mask, cutter)
        return await _by_app(wish, asked, model, pictures)
    origin = pictures[0] if pictures else None
    width, height = size = _size(asked, pictures)
    check_cost(asked.count, size)
    usual = 1.0 if origin is None or mask is not None else denoise
    wish = PictureWish(
        model=model,
        prompt=asked.prompt,
        negative=asked.negative,
        width=width,
        height=height,
        seeds=asked.seeds,
        steps=asked.steps,
        guidance=asked.guidance,
        sampler=asked.sampler,
        schedule=asked.schedule,
        origin="" if origin is None else origin.name,
        mask="" if mask is None else mask.name,
        denoise=usual if asked.strength is None or origin is None else asked.strength,
        references=tuple(picture.name for picture in pictures[1:]),
        cutter=cutter,
        prefix=PREFIX,
    )
    return Drawing(asked, model, wish.graph(), _made(asked, size, pictures))


async def _by_app(wish: AppWish, asked: ImagesRequest, model: str, pictures: Sequence[InputPicture]) -> Drawing:
    size = wish.expected or _size(asked, pictures)
    check_cost(asked.count, size)
    graph, pnginfo = await app_graph(wish, app_named(model)), wish.read.workflow.extra_pnginfo
    extra = {"extra_pnginfo": dict(pnginfo)} if pnginfo else {}
    return Drawing(asked, model, graph, _made(asked, size, pictures), extra)


def _size(asked: ImagesRequest, pictures: Sequence[InputPicture]) -> tuple[int, int]:
    return asked.size or (pictures[0].size if pictures else DEFAULT_SIZE)


def _made(asked: ImagesRequest, size: tuple[int, int], pictures: Sequence[InputPicture]) -> Made:
    return Made(
        size=size,
        format=asked.format,
        prompt=asked.prompt,
        count=asked.count,
        shown=sum(picture.size[0] * picture.size[1] for picture in pictures),
        transparent=asked.transparent,
    )


async def _cutter(request: web.Request) -> str:
    """A network that tells subjects from backgrounds.

    Raises:
        GraphError: if none is installed.
    """
    lists: Lists = request.app[SERVICE].lists
    known = await beside(lambda: lists(CUTTERS))
    if known:
        return known[0]
    raise refusal(
        "'background' cannot be 'transparent': no network is installed that tells subjects from backgrounds. Put an "
        f"ONNX file of one (BiRefNet, RMBG, ISNet) into the model folder {CUTTERS!r}, or leave 'background' out.",
        "invalid_value",
        "background",
    )


async def done(request: web.Request, drawing: Drawing, job: Job) -> tuple[Drawing, list[File]]:
    """A drawing with what is known of it after its job, and its pictures.

    Raises:
        GraphError: if an app left none.
        DocumentError: if what it left is no picture.
    """
    files = [(file, path) for file, path in picture_files(job, folders_of(request)) if _is_picture(path)]
    drawing, app = drawing.paid(job), app_named(drawing.model)
    if not app:
        return drawing, files
    if not files:
        raise refusal(f"App {app!r} left no picture. Models of this API draw; run it at /apps.", "no_output", "model")
    return drawing.left(len(files), await beside(lambda: picture_size(files[0][1]))), files


def _is_picture(path: Path) -> bool:
    return media_type(path.name).startswith("image/")


def address_in_form(request: web.Request, asked: ImagesRequest, file: Mapping[str, str]) -> str:
    """Where a picture can be fetched in the form that was asked for."""
    if asked.format == "png":
        return file_address(request, file)
    return file_address(request, file, preview=f"{asked.format};{asked.quality}")


async def bytes_in_form(request: web.Request, asked: ImagesRequest, path: Path) -> bytes:
    """A picture in the form that was asked for."""
    if asked.format == "png" and path.suffix == ".png":  # Apps save other forms too.
        return await beside(path.read_bytes)
    return await request.app[PICTURES].encode(path, Rendition(format=asked.format, quality=asked.quality))


async def entry_of(request: web.Request, asked: ImagesRequest, file: Mapping[str, str], path: Path) -> dict[str, Any]:
    """A picture as an address or as text."""
    if asked.as_address:
        return {"url": address_in_form(request, asked, file)}
    return {"b64_json": as_text(await bytes_in_form(request, asked, path))}
