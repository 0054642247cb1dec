"""Assets over files that lie in the server's folders already: nothing is copied."""

from collections.abc import Iterator
from pathlib import Path

from aiohttp import web

from limner.dialects.comfy_v2.asset_json import OWN
from limner.dialects.comfy_v2.asset_request import PathRequest
from limner.dialects.comfy_v2.refusals import invalid_field, refusal
from limner.graph.errors import GraphError
from limner.server.assets.library import AssetLibrary
from limner.server.assets.uploads import check_model
from limner.storage.asset_records import MODELS, Asset, Details
from limner.storage.asset_scan import UNLISTED
from limner.storage.folders import ANNOTATIONS, Folders


def register_path(library: AssetLibrary, asked: PathRequest, limit: int) -> tuple[Asset, bool]:
    """The asset of a file, and whether it is new. Blocks.

    Whether there is anything outside of the folders is not told.

    Raises:
        GraphError: if the path leads out of the folders, to nothing, or to a model that is none.
        HTTPRequestEntityTooLarge: if the file has more than ``limit`` bytes.
    """
    path = _resolved(asked.path)
    found = _place(library.folders, path)
    if found is None:
        raise invalid_field("path must lead into one of the server's folders: input, output, temp or models.")
    place, name = found
    if not path.is_file():
        raise refusal("blob_not_found", "No file is at that path.")
    size = path.stat().st_size
    if size > limit:
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=size)
    if place.startswith(MODELS):
        _check(path)
    shown = asked.shown or name
    own = {OWN: {"file_path": asked.shown}} if asked.shown else {}
    return library.register(place, name, Details(name=shown, mime=asked.mime, user_metadata=own))


def _resolved(text: str) -> Path:
    try:
        return Path(text).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # Links in a circle, letters that no file name has.
        raise invalid_field("path cannot be the path of a file.") from error


def _place(folders: Folders, path: Path) -> tuple[str, str] | None:
    """The place and the name there of what lies at a path; None if that is outside of all folders."""
    for place, root in _roots(folders):
        if path.is_relative_to(root) and path != root:
            return place, path.relative_to(root).as_posix()
    return None


def _roots(folders: Folders) -> Iterator[tuple[str, Path]]:
    """Folders by place. Those of models come first: they may lie in the output folder."""
    for kind in folders.kinds():
        if kind not in UNLISTED:
            yield from ((f"{MODELS}{kind}", root.resolve()) for root in folders.roots(kind))
    for name in ANNOTATIONS:
        yield name, folders.of_type(name).resolve()


def _check(path: Path) -> None:
    try:
        check_model(path, path.name)
    except GraphError as error:
        raise invalid_field(error.problems[0].message if error.problems else str(error)) from error
