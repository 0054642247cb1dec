"""Example workflows that node packs bring: ``/workflow_templates``."""

from pathlib import Path

from aiohttp import web

from limner.graph.errors import StorageError
from limner.server.bodies import beside
from limner.server.file_reply import file_reply
from limner.server.packs.folders import example_names, examples_folder, pack_folders
from limner.server.replies import empty_reply, json_reply
from limner.server.route import MIRROR, SERVICE, route
from limner.storage.folders import Folders, resolve_closed


@route("GET", "/workflow_templates")
async def all_examples(request: web.Request) -> web.Response:
    """The names of the example workflows, by pack."""
    folders = request.app[SERVICE].folders

    def read() -> web.Response:
        named = {name: example_names(pack) for name, pack in pack_folders(folders).items()}
        return json_reply({name: examples for name, examples in named.items() if examples})

    return await beside(read)


@route("GET", f"{MIRROR}/workflow_templates/{{pack}}/{{file:.+}}", mirrored=False)
async def example(request: web.Request) -> web.StreamResponse:
    """An example workflow, or a picture beside it."""
    folders, place = request.app[SERVICE].folders, request.match_info

    def find() -> web.StreamResponse:
        path = _find(folders, place["pack"], place["file"])
        return file_reply(path) if path else empty_reply(404)

    return await beside(find)


def _find(folders: Folders, name: str, file: str) -> Path | None:
    pack = pack_folders(folders).get(name)
    examples = examples_folder(pack) if pack else None
    try:
        path = resolve_closed(examples, file) if examples else None
        return path if path and path.is_file() else None
    except (StorageError, OSError, ValueError):
        return None
