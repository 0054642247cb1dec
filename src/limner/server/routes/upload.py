"""Files from clients: ``/upload/image``, ``/upload/mask``."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.comfy.asset_json import asset_summary
from limner.graph.errors import DocumentError, StorageError
from limner.server.assets.parts import assets_of
from limner.server.assets.uploads import register_upload
from limner.server.caller import folders_of
from limner.server.limits import check_storage
from limner.server.pictures import join_mask
from limner.server.replies import json_reply
from limner.server.route import PICTURES, SERVICE, route
from limner.server.uploads import Placed, Upload, destination, digest_of, place, receive, refuse_pickles
from limner.storage.folders import ANNOTATIONS, Folders, resolve


@route("POST", "/upload/image")
async def upload_image(request: web.Request) -> web.Response:
    """Takes a file into the input, output or temp folder."""
    settings, folders = request.app[SERVICE].settings, folders_of(request)
    await check_storage(request)
    upload = await receive(request, folders.temp, settings.max_upload)
    try:
        placed = await asyncio.to_thread(_place, folders, upload)
    finally:
        upload.discard()
    return json_reply(await _reply(request, placed))


@route("POST", "/upload/mask")
async def upload_mask(request: web.Request) -> web.Response:
    """Takes a picture whose alpha replaces that of an earlier one; the result is stored under the new name."""
    settings, folders = request.app[SERVICE].settings, folders_of(request)
    await check_storage(request)
    upload = await receive(request, folders.temp, settings.max_upload)
    try:
        if upload.file is not None:
            original = _original(folders, upload.fields.get("original_ref", ""))
            joined = folders.temp / f".upload-{secrets.token_hex(8)}"
            drawn, upload.file = upload.file, joined
            try:
                await request.app[PICTURES].run(lambda: join_mask(original, drawn, joined))
            finally:
                drawn.unlink(missing_ok=True)
            upload.digest = await asyncio.to_thread(digest_of, joined)
        placed = await asyncio.to_thread(_place, folders, upload)
    finally:
        upload.discard()
    return json_reply(await _reply(request, placed))


async def _reply(request: web.Request, placed: Placed) -> dict[str, Any]:
    """Where an upload went; with its asset, unless assets are switched off."""
    reply: dict[str, Any] = {"name": placed.name, "subfolder": placed.subfolder, "type": placed.type}
    library = assets_of(request)
    if library is not None:
        asset = await asyncio.to_thread(register_upload, library, placed)
        if asset is not None:
            reply["asset"] = asset_summary(asset)
    return reply


def _place(folders: Folders, upload: Upload) -> Placed:
    """Puts an upload in place.

    Raises:
        DocumentError: if there is no file in it, or its destination cannot be used.
    """
    if upload.file is None:
        raise DocumentError("There is no file in the form: send it in a part named 'image' with a file name.")
    folder, kind, subfolder = destination(folders, upload.fields)
    refuse_pickles(folders, folder, upload.name)
    overwrite = upload.fields.get("overwrite", "").strip().lower() in ("true", "1")
    name = place(upload.file, upload.digest, folder, upload.name, overwrite=overwrite)
    return Placed(name, subfolder, kind)


def _original(folders: Folders, text: str) -> Path:
    """The picture that a mask belongs to.

    Raises:
        DocumentError: if it is not named, or not there.
    """
    try:
        reference = json.loads(text)
        name, kind = folders.annotated(str(reference["filename"]), str(reference.get("type") or "output"))
        subfolder = str(reference.get("subfolder") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError("'original_ref' must be a JSON object with 'filename', 'type' and 'subfolder'.") from error
    if kind not in ANNOTATIONS:
        raise DocumentError(f"There is no folder type {kind!r:.60}: use input, output or temp.")
    root = folders.of_type(kind)
    try:
        path = resolve(resolve(root, subfolder) if subfolder else root, name)
        if path.is_file():
            return path
    except (StorageError, OSError, ValueError) as error:
        raise DocumentError(f"'original_ref' names no picture: {error}") from error
    raise DocumentError(f"The picture {name!r:.100} that the mask belongs to is not in the {kind} folder.")
