"""Puts bytes where Comfy API v2 wants them: under a name of their own, once per place, never over something else."""

import contextlib
import os
import secrets
import shutil
from pathlib import Path

from limner.dialects.comfy_v2.asset_json import OWN
from limner.dialects.comfy_v2.asset_request import AssetRequest, Target
from limner.dialects.comfy_v2.refusals import invalid_field, refusal
from limner.graph.errors import DocumentError, GraphError, StorageError
from limner.server.assets.library import AssetLibrary
from limner.server.assets.uploads import check_model
from limner.server.uploads import file_name, place, refuse_pickles, storing_failed
from limner.server.whole_files import UNFINISHED, put_in_place
from limner.storage.asset_records import MODELS, Asset, Details
from limner.storage.asset_scan import look
from limner.storage.folders import Folders, resolve

BROUGHT = "brought"


def keep_upload(
    library: AssetLibrary, folders: Folders, asked: AssetRequest, file: Path, digest: str
) -> tuple[Asset, bool]:
    """The asset of received bytes, and whether they are new here. Blocks.

    Raises:
        GraphError: if they may not lie where they should, or are not what was announced.
        StorageError: if they cannot be stored.
    """
    if asked.digest and asked.digest != digest:
        raise refusal("hash_mismatch", f"The file's hash is blake3:{digest}; nothing was kept.")
    found = library.with_digest(digest)
    for known, _ in found:
        if known.place == asked.target.place:
            return _minted(library, known, asked)[0], False
    return _placed(library, folders, asked, file, digest), not found


def mint_known(library: AssetLibrary, folders: Folders, asked: AssetRequest) -> tuple[Asset, bool] | None:
    """An asset over bytes that are here, and whether it is new; None: they are not. Blocks.

    Bytes that lie elsewhere get a place where they are wanted: what a workflow loads may not vanish with a preview.

    Raises:
        GraphError: if they may not lie where they should.
        StorageError: if they cannot be stored.
    """
    found = library.with_digest(asked.digest) if asked.digest else []
    for known, _ in found:
        if known.place == asked.target.place:
            return _minted(library, known, asked)
    if not found:
        return None
    path = found[0][1]
    with contextlib.ExitStack() as stack:
        copy = folders.temp / f"{UNFINISHED}{secrets.token_hex(8)}"
        stack.callback(copy.unlink, missing_ok=True)
        _duplicate(path, copy, linked=asked.target.is_model)
        return _placed(library, folders, asked, copy, asked.digest), True


def forget(library: AssetLibrary, asset: Asset) -> None:
    """Deletes an asset, and its bytes if a client brought them here and no other asset stands over them. Blocks."""
    library.index.delete(asset.id)
    if not _is_brought(asset) or library.index.at(asset.place, asset.path):
        return
    path = library.path(asset)
    if path is not None and not asset.place.startswith(MODELS):
        with contextlib.suppress(OSError):
            path.unlink()


def _minted(library: AssetLibrary, known: Asset, asked: AssetRequest) -> tuple[Asset, bool]:
    """An asset over a file that lies where it is wanted."""
    brought = any(_is_brought(other) for other in library.index.at(known.place, known.path))
    return library.index.mint(known, _details(asked, brought=brought))


def _is_brought(asset: Asset) -> bool:
    """Whether a client of this API brought the file; others' files are not ours to delete."""
    own = asset.user_metadata.get(OWN)
    return isinstance(own, dict) and own.get(BROUGHT) is True


def _details(asked: AssetRequest, *, brought: bool) -> Details:
    """What is noted of an asset; its name is the path that the client gave, so that equal requests meet again."""
    own = {OWN: {"file_path": asked.target.written, BROUGHT: brought}}
    return Details(name=asked.target.written, tags=asked.tags, mime=asked.mime, user_metadata=own)


def _placed(library: AssetLibrary, folders: Folders, asked: AssetRequest, file: Path, digest: str) -> Asset:
    target = asked.target
    try:
        name = file_name(target.name)
        folder = _folder(folders, target)
        refuse_pickles(folders, folder, name)
        if target.is_model:
            check_model(file, name)
            _put_model(file, folder / name, digest)
        else:
            name = place(file, "", folder, name, overwrite=False)
    except (DocumentError, GraphError) as error:
        raise error if _is_ours(error) else invalid_field(_said(error)) from error
    path = f"{target.folder}/{name}" if target.folder else name
    return library.register(target.place, path, _details(asked, brought=True))[0]


def _said(error: DocumentError | GraphError) -> str:
    return error.problems[0].message if isinstance(error, GraphError) and error.problems else str(error)


def _is_ours(error: Exception) -> bool:
    return isinstance(error, GraphError) and any("v2" in problem.extra for problem in error.problems)


def _folder(folders: Folders, target: Target) -> Path:
    root = folders.place(target.place.removeprefix(MODELS)) if target.is_model else folders.input
    if not target.folder:
        return root
    try:
        return resolve(root, target.folder)
    except StorageError as error:
        raise invalid_field(str(error)) from error


def _put_model(file: Path, path: Path, digest: str) -> None:
    """Puts a model in place; nobody's model is replaced."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(file, path, overwrite=False)
    except FileExistsError as error:
        if look("", "", path, digest=True).digest != digest:
            said = f"Another model has the name {path.name!r}; choose another one."
            raise refusal("hash_mismatch", said) from error
    except OSError as error:
        raise storing_failed(error, path.name) from error


def _duplicate(path: Path, copy: Path, *, linked: bool) -> None:
    """Another file with the same bytes. Models are linked for their size; of pictures somebody may change one."""
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        if linked:
            with contextlib.suppress(OSError):
                os.link(path, copy)
                return
        shutil.copyfile(path, copy)
    except OSError as error:
        raise StorageError(f"{path.name!r} cannot be copied ({error.strerror}).") from error
