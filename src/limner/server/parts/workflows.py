"""Saved workflows: one at a time is written."""

from aiohttp import web

from limner.server.part import Part
from limner.server.workflows.store import Workflows

WORKFLOWS: web.AppKey[Workflows] = web.AppKey("workflows", Workflows)


def _join(application: web.Application) -> None:
    application[WORKFLOWS] = Workflows()


PART = Part("workflows", _join)
