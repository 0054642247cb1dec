"""Files into the gallery and out of it: ``/limner/gallery/import`` and ``/limner/gallery/export``."""

import asyncio

from aiohttp import hdrs, web

from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import DocumentError, StorageError
from limner.server.bodies import apart, beside, read_object
from limner.server.caller import folders_of
from limner.server.file_reply import disposition
from limner.server.gallery.answers import entry_json, read_board, read_keys
from limner.server.gallery.export import write_archive
from limner.server.gallery.library import Gallery
from limner.server.gallery.parts import gallery_of
from limner.server.gallery.trash import entries_of
from limner.server.limits import check_storage
from limner.server.replies import json_reply
from limner.server.route import SERVICE, route
from limner.server.uploads import Upload, place, receive
from limner.storage.folders import resolve_closed
from limner.storage.gallery_index import media_of
from limner.storage.gallery_records import Change, Entry

IMPORTED = "imported"
"""The folder below the output folder that imported files go to."""

ARCHIVE = "limner pictures.zip"


@route("POST", "/limner/gallery/import", mirrored=False)
async def bring(request: web.Request) -> web.Response:
    """Takes a file in: a form with ``file``, and perhaps the ``folder`` it was in and the ``board`` it goes to."""
    await check_storage(request)
    gallery, folders = gallery_of(request), folders_of(request)
    upload = await receive(request, folders.temp, request.app[SERVICE].settings.max_upload, "file")
    try:
        entry = await beside(lambda: _take(gallery, upload))
    finally:
        upload.discard()
    gallery.tell()
    return json_reply(entry_json(entry), 201)


def _take(gallery: Gallery, upload: Upload) -> Entry:
    if upload.file is None:
        raise refusal("invalid_body", "There is no file in the form: send it in a part 'file'.")
    if not media_of(upload.name):
        raise refusal("invalid_body", f"{upload.name!r:.100} is no picture, film or sound, by its name.")
    folder = upload.fields.get("folder", "").strip("/\\ ")
    board = read_board(upload.fields.get("board", ""), empty=True)
    inside = f"{IMPORTED}/{folder}" if folder else IMPORTED
    if any(part.startswith(".") for part in inside.replace("\\", "/").split("/")):
        raise refusal("invalid_body", "Names of folders cannot begin with a dot.")
    try:
        target = resolve_closed(gallery.folders.output, inside)
    except StorageError as error:
        raise DocumentError(str(error)) from error
    name = place(upload.file, upload.digest, target, upload.name, overwrite=False)
    entry = gallery.add(str((target / name).relative_to(gallery.folders.output).as_posix()))
    if entry is None:
        raise StorageError(f"{upload.name!r:.100} is not where it was put.")
    if board:
        gallery.index.change([entry.key], Change(board=board))
        entry = gallery.index.get(entry.key) or entry
    return entry


@route("POST", "/limner/gallery/export", mirrored=False)
async def export(request: web.Request) -> web.StreamResponse:
    """An archive with files; with ``metadata`` false without anything that says how they were made."""
    body, gallery = await read_object(request), gallery_of(request)
    chosen, metadata = read_keys(body), body.get("metadata") is not False
    answer = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/zip",
            hdrs.CONTENT_DISPOSITION: f"attachment; {disposition(ARCHIVE)}",
        }
    )
    await answer.prepare(request)
    loop = asyncio.get_running_loop()

    def write(data: bytes) -> None:
        asyncio.run_coroutine_threadsafe(answer.write(data), loop).result()

    await apart(lambda: write_archive(gallery, entries_of(gallery, chosen), write, metadata=metadata))
    await answer.write_eof()
    return answer
