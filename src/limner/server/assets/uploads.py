"""Takes uploaded files in as assets: into the folder that their tags name, under a free name."""

import asyncio
import json
import logging
from pathlib import Path

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.comfy.asset_json import PREFIX, read_digest, read_metadata, read_tags
from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import GraphError, LimnerError
from limner.server.assets.library import AssetLibrary
from limner.server.assets.parts import library_of
from limner.server.caller import Caller, caller_of, folders_of
from limner.server.limits import check_storage
from limner.server.route import SERVICE
from limner.server.uploads import SAFE_SUFFIXES, Placed, Upload, file_name, place, receive
from limner.storage.asset_records import MODELS, Asset, Details
from limner.storage.asset_scan import UNLISTED, look
from limner.storage.folders import KINDS, Folders

ROOTS = ("models", "input", "output")
MODEL_TYPE = "model_type:"
LONGEST_HEADER = 100 << 20

LOG = logging.getLogger(__name__)


async def receive_asset(request: web.Request) -> tuple[Asset, bool]:
    """Reads a form with a file, or with the hash of one that is here; gives the asset and whether it is new here.

    Raises:
        GraphError: if the form cannot be taken, with the code of the answer.
    """
    service, library, folders = request.app[SERVICE], library_of(request), folders_of(request)
    if not request.content_type.startswith("multipart/"):
        raise refusal("UNSUPPORTED_MEDIA_TYPE", "Send a multipart/form-data body with the file in a part 'file'.")
    await check_storage(request)
    upload = await receive(request, folders.temp, service.settings.max_upload, "file")
    try:
        return await asyncio.to_thread(_take, library, folders, upload, caller_of(request))
    finally:
        upload.discard()


def register_upload(library: AssetLibrary, placed: Placed) -> Asset | None:
    """The asset of a file that came by another way; None, and a line in the log, if the index cannot take it."""
    name = f"{placed.subfolder}/{placed.name}" if placed.subfolder else placed.name
    try:
        return library.register(placed.type, name, Details())[0]
    except (LimnerError, OSError) as error:
        LOG.warning("%s is stored, but is not among the assets: %s", placed.name, error)
        return None


def _take(library: AssetLibrary, folders: Folders, upload: Upload, caller: Caller) -> tuple[Asset, bool]:
    fields = upload.fields
    if "id" in fields:
        raise refusal("UNSUPPORTED_FIELD", "An asset's id is chosen by the server; leave it out.")
    tags = _tags(upload)
    details = Details(
        name=fields.get("name", "").strip(),
        tags=tags,
        mime=fields.get("mime_type", ""),
        preview=fields.get("preview_id", ""),
        user_metadata=read_metadata(fields.get("user_metadata", "")),
    )
    if details.preview and library.index.get(details.preview) is None:
        raise refusal("ASSET_NOT_FOUND", f"There is no asset {details.preview!r:.60} to be the preview.")
    expected = read_digest(fields["hash"]) if fields.get("hash") else ""
    if upload.file is None:
        return _known(library, expected, details)
    where = _place(tags)
    if where.startswith(MODELS) and not caller.may(Scope.MODELS):
        raise refusal("FORBIDDEN", f"Models are everybody's; bringing one takes the scope {Scope.MODELS.value!r}.")
    return _store(library, folders, upload, where, expected, details)


def _known(library: AssetLibrary, expected: str, details: Details) -> tuple[Asset, bool]:
    if not expected:
        raise refusal("MISSING_FILE", "There is no file in the form: send it in a part 'file', or the hash of one.")
    found = library.with_digest(expected)
    if not found:
        raise refusal("ASSET_NOT_FOUND", "No file with this content is here; send it along.")
    return library.index.mint(found[0][0], details)[0], False


def _store(
    library: AssetLibrary, folders: Folders, upload: Upload, where: str, expected: str, details: Details
) -> tuple[Asset, bool]:
    assert upload.file is not None
    seen = look(where, upload.name, upload.file, digest=True)
    if not seen.size:
        raise refusal("EMPTY_UPLOAD", "The file is empty.")
    if expected and expected != seen.digest:
        raise refusal("HASH_MISMATCH", f"The file's hash is {PREFIX}{seen.digest}; nothing was kept.")
    for known, _ in library.with_digest(seen.digest):
        if known.place == where:
            return library.index.mint(known, details)[0], False
    if where.startswith(MODELS):
        check_model(upload.file, upload.name)
    folder = folders.roots(where.removeprefix(MODELS))[0] if where.startswith(MODELS) else folders.of_type(where)
    wish = file_name(details.name) if Path(details.name).suffix == Path(upload.name).suffix else upload.name
    name = place(upload.file, upload.digest, folder, wish, overwrite=False)
    return library.register(where, name, details)


def _tags(upload: Upload) -> tuple[str, ...]:
    """The tags of a form, given once with commas, once as a JSON list, or one a part."""
    given = [text for name, text in upload.pairs if name == "tags"]
    return tuple(dict.fromkeys(tag for text in given for tag in read_tags(text)))


def _place(tags: tuple[str, ...]) -> str:
    """The place that tags name: ``input``, ``output`` or ``models/<kind>``."""
    roots = [tag for tag in tags if tag in ROOTS]
    if len(roots) != 1:
        raise refusal("INVALID_BODY", "tags must have exactly one of models, input and output.")
    if roots[0] != "models":
        return roots[0]
    kinds = {tag.removeprefix(MODEL_TYPE) for tag in tags if tag.removeprefix(MODEL_TYPE) in KINDS} - UNLISTED
    if len(kinds) != 1:
        raise refusal("INVALID_BODY", "A model needs one tag that says which kind it is: checkpoints, loras, vae ...")
    return MODELS + kinds.pop()


def check_model(file: Path, name: str) -> None:
    """Refuses what is not a safetensors file.

    Raises:
        GraphError: that says why it is none.
    """
    if Path(name).suffix.lower() not in SAFE_SUFFIXES:
        raise _no_model(f"it is named {name!r:.60}")
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if not 2 <= length <= min(LONGEST_HEADER, file.stat().st_size - 8):
            raise _no_model("its header has no possible length")
        try:
            header = json.loads(opened.read(length))
        except (ValueError, RecursionError) as error:
            raise _no_model("its header is no JSON") from error
    if not isinstance(header, dict):
        raise _no_model("its header is no object")


def _no_model(reason: str) -> GraphError:
    return refusal("INVALID_BODY", f"Only safetensors files can be uploaded as models, and this is none: {reason}.")
