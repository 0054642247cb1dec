"""Files with an identity: ``/api/assets``. These paths are never without the prefix."""

import asyncio
import re
from collections.abc import Mapping
from functools import wraps
from typing import Any

from aiohttp import hdrs, web

from limner.dialects.comfy.asset_json import (
    DIGEST,
    Query,
    asset_entry,
    asset_page,
    code_of,
    error_envelope,
    read_digest,
    read_metadata,
    read_tags,
    read_wanted,
)
from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import DocumentError, GraphError, StorageError
from limner.server.assets.parts import ASSETS, library_of
from limner.server.assets.uploads import receive_asset
from limner.server.bodies import beside, read_object
from limner.server.file_reply import disposition, file_reply
from limner.server.replies import empty_reply, json_reply
from limner.server.route import Handler, route
from limner.storage.asset_records import Asset, Details

STATUSES = {"FORBIDDEN": 403, "ASSET_NOT_FOUND": 404, "UNSUPPORTED_MEDIA_TYPE": 415, "UPLOAD_IO_ERROR": 500}
"""Statuses of refusals that are not 400."""

DISABLED = error_envelope("SERVICE_DISABLED", "Assets are switched off: start the server without --disable-assets.")
LONGEST_NAME = 512


def explained(handler: Handler) -> Handler:
    """Answers what is wrong with a request in the shape that clients of assets read."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        if ASSETS not in request.app:
            return json_reply(DISABLED, 503)
        try:
            return await handler(request)
        except GraphError as error:
            code, message = code_of(error), error.problems[0].message if error.problems else str(error)
            status = error.problems[0].extra.get("status", 400) if error.problems else 400
            return json_reply(error_envelope(code, message), STATUSES.get(code, status))
        except DocumentError as error:
            return json_reply(error_envelope("INVALID_BODY", str(error)), 400)
        except StorageError as error:
            return json_reply(error_envelope("STORAGE_ERROR", str(error)), 503)

    return answer


@route("GET", "/api/assets")
@explained
async def assets(request: web.Request) -> web.StreamResponse:
    """A page of assets, the newest first if nothing else is asked for."""
    wanted, library = read_wanted(Query(request.query.items())), library_of(request)
    if DIGEST.fullmatch(wanted.digest):
        await beside(lambda: library.with_digest(wanted.digest))  # Files that nobody has read yet are read now.
    return await beside(lambda: json_reply(asset_page(library.page(wanted), wanted)))


@route("POST", "/api/assets")
@explained
async def upload(request: web.Request) -> web.StreamResponse:
    """Takes a file in; 201, or 200 if its content is here already."""
    asset, new = await receive_asset(request)
    return json_reply(asset_entry(asset, created_new=new), 201 if new else 200)


@route("POST", "/api/assets/from-hash")
@explained
async def from_hash(request: web.Request) -> web.StreamResponse:
    """Another asset over content that is here already."""
    body = await read_object(request)
    digest, details = read_digest(body.get("hash")), read_details(body)
    library = library_of(request)

    def mint() -> Asset | None:
        found = library.with_digest(digest)
        return library.index.mint(found[0][0], details)[0] if found else None

    asset = await beside(mint)
    if asset is None:
        raise not_found("No file with this content is here.")
    return json_reply(asset_entry(asset, created_new=False), 201)


@route("HEAD", "/api/assets/hash/{digest}")
@explained
async def has_hash(request: web.Request) -> web.StreamResponse:
    """Whether some content is here."""
    digest, library = read_digest(request.match_info["digest"]), library_of(request)
    return empty_reply(200 if await beside(lambda: library.with_digest(digest)) else 404)


@route("GET", "/api/assets/{asset}")
@explained
async def one_asset(request: web.Request) -> web.StreamResponse:
    """One asset."""
    return json_reply(asset_entry(await find(request)))


@route("PUT", "/api/assets/{asset}")
@explained
async def change(request: web.Request) -> web.StreamResponse:
    """Gives an asset another name, metadata or thumbnail."""
    body = await read_object(request)
    if not any(body.get(name) is not None for name in ("name", "user_metadata", "preview_id")):
        raise refusal("INVALID_BODY", "Send one of name, user_metadata and preview_id.")
    known, given = await find(request), read_details(body)
    details = Details(
        name=given.name or known.name,
        user_metadata=known.user_metadata if body.get("user_metadata") is None else given.user_metadata,
        preview=known.preview if body.get("preview_id") is None else await _preview(request, given.preview),
    )
    changed = await beside(lambda: library_of(request).index.change(known.id, details))
    return json_reply(asset_entry(changed or known))


@route("DELETE", "/api/assets/{asset}")
@explained
async def delete(request: web.Request) -> web.StreamResponse:
    """Forgets an asset; its file stays."""
    asset = await find(request)
    await beside(lambda: library_of(request).index.delete(asset.id))
    return empty_reply(204)


@route("GET", "/api/assets/{asset}/content")
@explained
async def content(request: web.Request) -> web.StreamResponse:
    """An asset's bytes."""
    asset, library = await find(request), library_of(request)
    path = await beside(lambda: library.path(asset))
    if path is None:
        await beside(lambda: library.index.mark_missing([asset.file]))
        raise not_found("The asset's file is gone.")
    await beside(lambda: library.index.touch(asset.id))
    answer = await asyncio.to_thread(file_reply, path)
    if request.query.get("disposition") == "attachment" or answer.content_type == "application/octet-stream":
        answer.headers[hdrs.CONTENT_DISPOSITION] = f"attachment; {disposition(asset.name)}"
    return answer


async def find(request: web.Request) -> Asset:
    """The asset that a path names.

    Raises:
        GraphError: if there is none.
    """
    name = request.match_info["asset"].lower()
    asset = await beside(lambda: library_of(request).index.get(name)) if UUID.fullmatch(name) else None
    if asset is None:
        raise not_found(f"There is no asset {name!r:.60}.")
    return asset


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def not_found(message: str) -> GraphError:
    """The refusal for what is not there."""
    return refusal("ASSET_NOT_FOUND", message)


def read_details(body: Mapping[str, Any]) -> Details:
    """What a body says of an asset."""
    texts = {name: body.get(name) or "" for name in ("name", "mime_type", "preview_id")}
    for name, text in texts.items():
        if not isinstance(text, str) or len(text) > LONGEST_NAME:
            raise refusal("INVALID_BODY", f"{name} must be a text of at most {LONGEST_NAME} characters.")
    return Details(
        name=texts["name"].strip(),
        tags=read_tags(body.get("tags") or []),
        mime=texts["mime_type"],
        preview=texts["preview_id"],
        user_metadata=read_metadata(body.get("user_metadata") or {}),
    )


async def _preview(request: web.Request, name: str) -> str:
    """The id of an asset that is to be a thumbnail; empty takes it off."""
    if name and await beside(lambda: library_of(request).index.get(name)) is None:
        raise not_found(f"There is no asset {name!r:.60} to be the preview.")
    return name
