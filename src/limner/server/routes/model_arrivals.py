"""Model files that come: uploaded, or looked at before. ``/limner/models/upload``, ``/limner/models/resolve``."""

import asyncio
import secrets
from pathlib import Path, PurePosixPath
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.errors import InterruptedRun, LimnerError
from limner.hub.arrivals import PICKLES, WEIGHTS, check_arrival
from limner.hub.digests import Digests
from limner.hub.kinds import check_kind
from limner.hub.names import fit_folder, fit_name
from limner.hub.plan import Choice, as_document
from limner.hub.refusal import PullError
from limner.hub.room import check_room, free_bytes, unwritable
from limner.hub.source import Wanted
from limner.server.bodies import apart, beside, read_object
from limner.server.model_facts import Facts, read_facts
from limner.server.model_shelf import holdings_of
from limner.server.model_watch import MODEL_WATCH
from limner.server.replies import error_reply, json_reply
from limner.server.route import SERVICE, route
from limner.server.routes.pulls import pulls_of, refused
from limner.server.whole_files import make_folder, put_in_place
from limner.storage.folders import Folders

LARGEST = 1 << 42
CHUNK = 1 << 20
PATIENCE = 60.0
"""Seconds that a client may be silent in the middle of an upload."""

PICKLE = (
    "{} may be a pickle, and to open a pickle is to run what is in it. Look for a .safetensors file of the same model, "
    "or put this one into its folder by hand if you trust where it comes from."
)


@route("PUT", "/limner/models/upload", access=Scope.MODELS)
async def upload(request: web.Request) -> web.Response:
    """Takes the body in as the model file ``name``; its kind is ``kind``, else what its header says.

    It is streamed beside the model folders, looked at, and only then given its name. Pickles are refused.
    """
    folders = request.app[SERVICE].folders
    try:
        name = fit_name(request.query.get("name", ""))
        folder = fit_folder(request.query.get("folder", "")) if request.query.get("folder") else ""
        kind = check_kind(request.query["kind"]) if request.query.get("kind") else ""
        if PurePosixPath(name).suffix.lower() not in WEIGHTS:
            raise PullError("invalid", f"{name} is no model file: .safetensors and .gguf are taken.")
        if PurePosixPath(name).suffix.lower() in PICKLES:
            raise PullError("refused", PICKLE.format(name))
        waiting = folders.model_roots[0] / f".upload-{secrets.token_hex(8)}"
        await beside(lambda: check_room(waiting.parent, request.content_length or 0, name))
        digests = await _received(request, waiting)
    except LimnerError as error:
        return refused(error)
    try:
        placed = await beside(lambda: _placed(request, waiting, kind, f"{folder}/{name}" if folder else name, digests))
    except LimnerError as error:
        return refused(error)
    finally:
        await beside(lambda: waiting.unlink(missing_ok=True))
    request.app[MODEL_WATCH].nudge()
    return json_reply(placed, 201)


@route("POST", "/limner/models/resolve", access=Scope.MODELS)
async def resolve(request: web.Request) -> web.Response:
    """What a name, a repository or an address stands for, and what a pull of it would do. Asks its source."""
    body = await read_object(request)
    reference = str(body.get("reference") or "").strip()
    if not reference:
        return error_reply(400, "invalid_body", 'Send {"reference": "a name, an id or a URL"}.')
    pulls = pulls_of(request)
    choice = Choice(str(body.get("into") or ""), str(body.get("name") or ""))
    include = body.get("include")
    patterns = tuple(map(str, include)) if isinstance(include, list) else ()
    wanted = Wanted(reference, str(body.get("revision") or ""), patterns)
    try:
        plan = await apart(lambda: pulls.puller.plan(wanted, choice))
    except (LimnerError, InterruptedRun) as error:
        return refused(error)
    free = await beside(lambda: free_bytes(plan.items[0].target.parent) if plan.items else 0)
    return json_reply({**as_document(plan), "free": free})


async def _received(request: web.Request, waiting: Path) -> Digests:
    """Streams the body into a file.

    Raises:
        PullError: if there is no room, or less came than was announced.
        HTTPRequestTimeout: if it does not come in time.
    """
    from hashlib import sha256

    from blake3 import blake3

    one, other = sha256(), blake3()
    try:
        await beside(lambda: make_folder(waiting.parent))
        with await beside(lambda: waiting.open("xb")) as file:
            while chunk := await _chunk(request):
                await beside(lambda: _take(file, chunk, one, other))
    except OSError as error:
        await beside(lambda: waiting.unlink(missing_ok=True))
        if isinstance(error, ConnectionError):
            raise
        raise unwritable(waiting, error) from error
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise
    return Digests(one.hexdigest(), other.hexdigest())


async def _chunk(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.content.read(CHUNK)
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error


def _take(file: Any, chunk: bytes, *digests: Any) -> None:
    file.write(chunk)
    for digest in digests:
        digest.update(chunk)


def _placed(request: web.Request, waiting: Path, kind: str, name: str, digests: Digests) -> dict[str, Any]:
    """Looks at a file that has come and gives it its name.

    Raises:
        LimnerError: if it is not what its name says, nothing tells where it belongs, or the name is taken.
    """
    bare = PurePosixPath(name).name
    named = waiting.with_name(f"{waiting.name}{PurePosixPath(bare).suffix.lower()}")
    waiting.rename(named)
    try:
        check_arrival(named, bare)
        facts = read_facts(named)
        kind = kind or _proposed(facts)
        if not kind:
            raise PullError("choose", f"Nothing in {bare} tells what kind of model it is. Choose it.")
        return _settled(request, named, kind, name, digests) | {"family": facts.family}
    finally:
        named.unlink(missing_ok=True)


def _settled(request: web.Request, file: Path, kind: str, name: str, digests: Digests) -> dict[str, Any]:
    folders: Folders = request.app[SERVICE].folders
    holdings, size = holdings_of(request), file.stat().st_size
    twin = holdings.with_content(digests.sha256, None)
    if name in folders.list(kind):
        there = folders.find(kind, name)
        if holdings.digests(there).sha256 != digests.sha256:
            raise PullError("exists", f"There is another file {name} among {kind}. Choose another name.")
        return {"kind": kind, "name": name, "size": size, "sha256": digests.sha256, "state": "present"}
    target = folders.place(kind) / name
    try:
        make_folder(target.parent)
        put_in_place(file, target, overwrite=False)
    except FileExistsError as error:
        raise PullError("exists", f"There is another file {name} among {kind}. Choose another name.") from error
    except OSError as error:
        raise unwritable(target, error) from error
    holdings.records.note(target, digests)
    same = str(twin) if twin is not None else ""
    return {"kind": kind, "name": name, "size": size, "sha256": digests.sha256, "state": "placed", "same_as": same}


def _proposed(facts: Facts) -> str:
    """The kind that a header tells; a network alone is one that is drawn with."""
    return facts.seems or ("diffusion_models" if facts.family else "")
