"""From a body and a query to what a run is asked for: inputs, and how it is to be answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from limner.dialects.apps.options import FINISH_FIELDS, RUN_FIELDS, Finish, RunOptions, read_options
from limner.dialects.apps.reading import ReadApp
from limner.dialects.apps.records import AppInput
from limner.dialects.apps.salad import with_salad_fields
from limner.dialects.apps.values import unknown_names
from limner.graph.errors import DocumentError
from limner.server.apps.finish import check_background
from limner.server.apps.inputs import IMAGES, UPLOADS, Sent, exists, input_values, nested
from limner.server.apps.runs import Asked
from limner.server.apps.saving import NAMES
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.form_parts import keep_picture
from limner.server.limits import check_storage
from limner.server.sent_pictures import sent_picture

WATERMARK = "watermark_image"
ENVELOPE = frozenset({"inputs", "declaration", "convert_output", "webhook_v2", IMAGES, *NAMES})
"""Fields of bodies that are neither inputs nor options."""


def options_of(request: web.Request, sent: Sent, inputs: Sequence[AppInput] = ()) -> tuple[RunOptions, Finish]:
    """How a run is to be answered: as the query says, or else the body. Inputs win over options of the same name.

    Raises:
        GraphError: if an option cannot be taken.
    """
    names = {entry.name for entry in inputs}
    body = {name: value for name, value in with_salad_fields(sent.fields).items() if name not in names}
    return read_options({**body, **request.query})


async def asked_for(request: web.Request, read: ReadApp, sent: Sent, *, app: str = "", version: int = 0) -> Asked:
    """What a request asks for.

    Args:
        request: Who asks.
        read: The workflow and its inputs.
        sent: The body.
        app: The app's name,
        version: and its version.

    Raises:
        GraphError: if an option or a picture cannot be taken.
        DocumentError: likewise.
    """
    options, finish = options_of(request, sent, read.inputs)
    values = await input_values(request, read.inputs, sent, options.image_ids)
    await beside(lambda: check_background(finish))
    mark = await _watermark(request, sent, finish)
    return Asked(
        read=read,
        sent=values,
        app=app,
        version=version,
        options=options,
        finish=finish.marked(mark),
        notes=tuple(_notes(read.inputs, sent)),
    )


async def _watermark(request: web.Request, sent: Sent, finish: Finish) -> str:
    """The name of the watermark's picture among the input pictures; empty: there is none."""
    folders, files, named = folders_of(request), sent.files.get(WATERMARK), finish.watermark_image
    try:
        if files:
            await check_storage(request)
            return (await beside(lambda: keep_picture(files[0], folders.input, UPLOADS))).name
        if not named or await beside(lambda: exists(folders, named)):
            return named
        return (await sent_picture(request, named, UPLOADS)).name
    except DocumentError as error:
        raise DocumentError(f"{WATERMARK!r}: {error}") from error


def _notes(inputs: Sequence[AppInput], sent: Sent) -> list[str]:
    """What was sent that nothing takes, so that a name that is not quite right is noticed."""
    fields: Mapping[str, Any] = {**sent.fields, **sent.files, **nested(sent.fields, inputs)}
    known = {*RUN_FIELDS, *FINISH_FIELDS, *ENVELOPE}
    odd = [name for name in unknown_names(inputs, fields) if name not in known]
    names = ", ".join(entry.name for entry in inputs) or "none"
    return [f"There is no input {name!r:.60}; it was ignored. The inputs: {names}." for name in odd[:10]]
