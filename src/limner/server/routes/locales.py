"""Translations that node packs bring: ``/i18n``."""

from aiohttp import web

from limner.server.bodies import beside
from limner.server.packs.folders import pack_folders, translations
from limner.server.replies import json_reply
from limner.server.route import SERVICE, route


@route("GET", "/i18n")
async def all_translations(request: web.Request) -> web.Response:
    """What packs say, by language."""
    folders = request.app[SERVICE].folders
    return await beside(lambda: json_reply(translations(pack_folders(folders))))
