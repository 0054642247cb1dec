"""Comfy API v2: assets, ``/api/v2/assets``."""

from contextlib import suppress
from pathlib import Path

from aiohttp import hdrs, web

from limner.accounts.records import Scope
from limner.dialects.comfy_v2.asset_request import AssetRequest, read_from_hash, read_from_path, read_hash, read_upload
from limner.dialects.comfy_v2.refusals import envelope, invalid_field, refusal
from limner.dialects.comfy_v2.submission import read_key
from limner.jobs.journal import KEY_TAKEN, Journal
from limner.server.assets.library import AssetLibrary
from limner.server.assets.parts import library_of
from limner.server.bodies import beside, read_document
from limner.server.caller import caller_of, folders_of
from limner.server.comfy_v2.assets import find_asset, is_used
from limner.server.comfy_v2.door import NAMED, refusal_reply, v2_route
from limner.server.comfy_v2.keeping import forget, keep_upload, mint_known
from limner.server.comfy_v2.paths import register_path
from limner.server.comfy_v2.upload import Received, receive
from limner.server.comfy_v2.view import is_younger, viewer_of
from limner.server.file_reply import BYTES, disposition, file_reply, is_shown
from limner.server.limits import check_storage
from limner.server.replies import empty_reply, json_reply
from limner.server.route import SERVICE
from limner.storage.asset_records import Asset

KEY = "Idempotency-Key"
SPACE = "assets"


@v2_route("POST", "/assets")
async def upload(request: web.Request) -> web.StreamResponse:
    """Takes a file in; 201, or 200 if its content is here already."""
    key, keys = read_key(request.headers.get(KEY)), request.app[SERVICE].dispatcher.journal.keys
    owner = caller_of(request).owner
    if key and await beside(lambda: keys.is_taken(owner, SPACE, key)):
        raise refusal(KEY_TAKEN, "This Idempotency-Key was used before; each request needs one of its own.")
    folders = folders_of(request)
    await check_storage(request)
    received = await receive(request, folders.temp, request.app[SERVICE].settings.max_upload)
    try:
        asset, new = await _kept(request, received)
    finally:
        await beside(received.discard)
    if key:  # Only now: what was refused may be sent again under the same key.
        await beside(lambda: keys.take(owner, SPACE, key))
    return json_reply(viewer_of(request).asset(asset, created_new=new), 201 if new else 200)


@v2_route("POST", "/assets/from-hash")
async def from_hash(request: web.Request) -> web.StreamResponse:
    """An asset over content that is here already."""
    asked, library, folders = read_from_hash(await read_document(request)), library_of(request), folders_of(request)
    _check_scope(request, asked)
    await check_storage(request)
    minted = await beside(lambda: mint_known(library, folders, asked))
    if minted is None:
        raise refusal("blob_not_found", "No file with this content is here; upload it.")
    asset, new = minted
    return json_reply(viewer_of(request).asset(asset, created_new=False), 201 if new else 200)


@v2_route("POST", "/assets/from-path")
async def from_path(request: web.Request) -> web.StreamResponse:
    """An asset over a file that lies in one of the caller's folders; nothing is copied."""
    asked, library = read_from_path(await read_document(request)), library_of(request)
    limit = request.app[SERVICE].settings.max_upload
    asset, new = await beside(lambda: register_path(library, asked, limit))
    return json_reply(viewer_of(request).asset(asset, created_new=new), 201 if new else 200)


@v2_route("HEAD", "/assets/by-hash/{hash}")
async def by_hash(request: web.Request) -> web.StreamResponse:
    """Whether some content is here."""
    digest, library = read_hash(request.match_info["hash"]), library_of(request)
    return empty_reply(200 if digest and await beside(lambda: library.with_digest(digest)) else 404)


@v2_route("GET", "/assets/{asset}")
async def one_asset(request: web.Request) -> web.StreamResponse:
    """One asset."""
    return json_reply(viewer_of(request).asset(await find_asset(request)))


@v2_route("DELETE", "/assets/{asset}")
async def delete(request: web.Request) -> web.StreamResponse:
    """Forgets an asset, unless a job needs it."""
    asset, library, journal = await find_asset(request), library_of(request), request.app[SERVICE].dispatcher.journal
    owner = caller_of(request).owner

    def work() -> None:
        if asset.job and journal.get(asset.job) is not None:
            raise refusal("asset_in_use", "A job made this asset; it stays as long as the job is kept.")
        if is_used(journal, asset, owner):
            raise refusal("asset_in_use", "A job that waits or runs needs this asset; delete it when the job is done.")
        forget(library, asset)

    await beside(work)
    return empty_reply(204)


@v2_route("GET", "/assets/{asset}/content")
async def content(request: web.Request) -> web.StreamResponse:
    """An asset's bytes, all or a range of them."""
    asset, library = await find_asset(request), library_of(request)
    journal = request.app[SERVICE].dispatcher.journal
    found = await beside(lambda: _current(library, journal, asset))
    if found is None:
        raise refusal("output_unavailable", "The asset's bytes are not here any more.")
    known, path = found
    await beside(lambda: library.index.touch(known.id))
    etag = f'"{known.digest}"'
    if etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
        return web.Response(status=304, headers={hdrs.ETAG: etag})
    if not _is_satisfiable(request, known.size):
        said = envelope("range_not_satisfiable", f"The asset has {known.size} bytes; ask for one range of them.")
        return refusal_reply(416, said, **{hdrs.CONTENT_RANGE: f"bytes */{known.size}"})
    return _sent(path, known, etag)


def _current(library: AssetLibrary, journal: Journal, asset: Asset) -> tuple[Asset, Path] | None:
    """An asset as it is now, and its file; None if that is gone, or not what the asset's job made."""
    path, job = library.path(asset), journal.get(asset.job) if asset.job else None
    with suppress(OSError):
        if path is not None and job is not None and is_younger(path, job.ended):
            return None
    return library.current(asset)


async def _kept(request: web.Request, received: Received) -> tuple[Asset, bool]:
    file, library, folders = received.file, library_of(request), folders_of(request)
    if file is None:
        raise invalid_field("There is no file in the form: send its bytes in a part 'file'.")
    asked = read_upload(received.fields, received.tags, received.type)
    _check_scope(request, asked)
    return await beside(lambda: keep_upload(library, folders, asked, file, received.digest))


def _check_scope(request: web.Request, asked: AssetRequest) -> None:
    """Refuses models of those who may bring none: models are everybody's."""
    if asked.target.is_model and not caller_of(request).may(Scope.MODELS):
        raise refusal("forbidden", f"Bringing a model takes the scope {Scope.MODELS.value!r}.")


def _is_satisfiable(request: web.Request, size: int) -> bool:
    """Whether a range was asked for that can be sent, or none."""
    try:
        start = request.http_range.start
    except ValueError:
        return False
    return start is None or start < size


def _sent(path: Path, asset: Asset, etag: str) -> web.FileResponse:
    reply = file_reply(path)
    kind = asset.mime.partition(";")[0].strip()
    if is_shown(kind):
        reply.content_type = kind
    shown = reply.content_type != BYTES
    reply.headers[hdrs.CONTENT_DISPOSITION] = f"{'inline' if shown else 'attachment'}; {disposition(path.name)}"
    reply[NAMED] = etag
    return reply
