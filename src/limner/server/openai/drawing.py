"""Pictures for OpenAI's door: from what was asked for to the job that draws it, and its pictures for bodies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.openai.images_answer import Made, as_text
from limner.dialects.openai.images_request import DEFAULT_SIZE, ImagesRequest, check_cost
from limner.dialects.openai.refusals import refusal
from limner.dialects.pictures import PictureWish
from limner.graph.catalog import Lists
from limner.jobs.records import Job
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.form_parts import InputPicture
from limner.server.openai.door import chosen_checkpoint
from limner.server.picture_jobs import picture_files
from limner.server.pictures import Rendition
from limner.server.public_address import file_address
from limner.server.route import PICTURES, SERVICE

CUTTERS = "background_removal"
"""The kind of the networks that tell subjects from backgrounds."""

PREFIX = "openai"
"""What saved files are called."""

DENOISE = 0.75
"""How much of a picture is painted over if the client does not say, and there is no mask."""


@dataclass(frozen=True)
class Drawing:
    """A request's pictures on their way.

    Attributes:
        asked: What for.
        wish: The same for the queue.
        made: What all answers tell.
    """

    asked: ImagesRequest
    wish: PictureWish
    made: Made

    def paid(self, job: Job) -> "Drawing":
        """The same with what other services took for it, if that is known."""
        costs = [charge.cost for charge in job.charges if charge.cost is not None]
        return replace(self, made=replace(self.made, cost=sum(costs))) if costs else self


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
        pictures: The one that is painted over, and further ones that the network may look at.
        mask: Its transparent part is painted anew.
        denoise: How much is painted over if nothing was said and there is no mask.

    Raises:
        GraphError: if there is no such model, or it is too much.
    """
    checkpoint = await chosen_checkpoint(request, asked.model)
    origin = pictures[0] if pictures else None
    width, height = asked.size or (DEFAULT_SIZE if origin is None else origin.size)
    check_cost(asked.count, (width, height))
    usual = 1.0 if origin is None or mask is not None else denoise
    wish = PictureWish(
        model=checkpoint,
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
        cutter=await _cutter(request) if asked.transparent else "",
        prefix=PREFIX,
    )
    return Drawing(asked, wish, _made(asked, wish, pictures))


def _made(asked: ImagesRequest, wish: PictureWish, pictures: Sequence[InputPicture]) -> Made:
    return Made(
        size=(wish.width, wish.height),
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


def files_of(request: web.Request, job: Job) -> list[tuple[Mapping[str, str], Path]]:
    """The pictures of a job, as ``/view`` names them, and where they are."""
    return list(picture_files(job, folders_of(request)))


def address_in_form(request: web.Request, asked: ImagesRequest, file: Mapping[str, str]) -> str:
    """Where a picture can be fetched in the form that was asked for."""
    if asked.format == "png":
        return file_address(request, file)
    return file_address(request, file, preview=f"{asked.format};{asked.quality}")


async def bytes_in_form(request: web.Request, asked: ImagesRequest, path: Path) -> bytes:
    """A picture in the form that was asked for."""
    if asked.format == "png":
        return await beside(path.read_bytes)
    return await request.app[PICTURES].encode(path, Rendition(format=asked.format, quality=asked.quality))


async def entry_of(request: web.Request, asked: ImagesRequest, file: Mapping[str, str], path: Path) -> dict[str, Any]:
    """A picture as an address or as text."""
    if asked.as_address:
        return {"url": address_in_form(request, asked, file)}
    return {"b64_json": as_text(await bytes_in_form(request, asked, path))}
