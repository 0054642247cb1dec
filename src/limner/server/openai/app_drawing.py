"""Pictures by apps, for OpenAI's door: users' own workflows as models."""

from collections.abc import Sequence

from aiohttp import web

from limner.dialects.apps.pictures import AppWish
from limner.dialects.openai.app_request import is_seeded, named, refused_by_app, said
from limner.dialects.openai.images_request import ImagesRequest
from limner.graph.errors import GraphError
from limner.graph.graph import Graph
from limner.server.admission import admission_of
from limner.server.apps.reading import shelf_of
from limner.server.bodies import beside
from limner.server.form_parts import InputPicture


async def app_wish(
    request: web.Request,
    app: str,
    asked: ImagesRequest,
    pictures: Sequence[InputPicture],
    mask: InputPicture | None,
    cutter: str,
) -> AppWish:
    """A request for pictures as a wish to an app.

    Args:
        request: Who asks.
        app: Which one.
        asked: What for.
        pictures: What it brings along.
        mask: Likewise.
        cutter: A network that tells subjects from backgrounds; empty: pictures keep theirs.

    Raises:
        UnknownNameError: if the app is gone.
        LimnerError: if it cannot be read any more.
        WorkerLostError: if no worker is up yet.
    """
    admission = await admission_of(request)
    shelf = shelf_of(request, admission)
    opened = await beside(lambda: shelf.open(app))
    return AppWish(
        read=opened.read,
        catalog=admission.catalog,
        said=said(asked),
        named=named(asked),
        size=asked.size,
        seeds=asked.seeds,
        seeded=is_seeded(asked),
        pictures=tuple(picture.name for picture in pictures),
        mask="" if mask is None else mask.name,
        cutter=cutter,
    )


async def app_graph(wish: AppWish, app: str) -> Graph:
    """The graph of such a wish.

    Raises:
        GraphError: if the app cannot do it; says why.
    """
    try:
        return await beside(wish.graph)
    except GraphError as error:
        raise refused_by_app(error, app) from error
