"""The models that draw, for the time of the server."""

from aiohttp import web

from limner.server.part import Part
from limner.server.recipes.drawing_models import DRAWING_MODELS, DrawingModels
from limner.server.route import SERVICE


def _join(application: web.Application) -> None:
    service = application[SERVICE]
    application[DRAWING_MODELS] = DrawingModels(service.folders, service.lists)


PART = Part("drawing_models", _join)
