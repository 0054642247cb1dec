"""The web studio."""

from aiohttp import web

from limner.server.part import Part
from limner.server.studio import STUDIO, Studio, built_studio


def _join(application: web.Application) -> None:
    application[STUDIO] = Studio(built_studio())


PART = Part("studio", _join)
