"""Model files and options as A1111's routes need them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.a1111.hashes import Digest
from limner.dialects.a1111.models import ModelFile, find_model
from limner.dialects.a1111.options import CHECKPOINT, no_model, options_now
from limner.graph.errors import LimnerError, StorageError
from limner.hub.records import Records
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.model_digests import MODEL_DIGESTS
from limner.server.route import SERVICE, USERS
from limner.server.service import Service

OPTIONS_FILE = "a1111_options.json"

LOG = logging.getLogger(__name__)


def model_files(service: Service, kind: str) -> list[ModelFile]:
    """The files of a kind. Blocks; digests are told as far as they are known."""
    names = service.lists(kind)
    digests = _digests(service.folders.data) if names else {}
    found: list[ModelFile] = []
    for name in names:
        try:
            path = service.folders.find(kind, name)
        except LimnerError:
            if service.elsewhere is None or not service.elsewhere.roster().knows(name):
                continue  # It has gone since the list was read.
            path = Path(name)  # Another service's, which has no file here.
        found.append(ModelFile(name, path, digests.get(path)))
    return found


def _digests(data: Path) -> dict[Path, str]:
    """Known digests; if what is known cannot be read, files are still to be had by their names."""
    try:
        return {record.path: record.digests.sha256 for record in Records(data).everything() if record.is_current}
    except StorageError as error:
        LOG.warning("Models are listed without their digests: %s", error)
        return {}


def file_digests(request: web.Request) -> Digest:
    """What tells the digests of files. It blocks."""
    folders, known = request.app[SERVICE].folders, request.app[MODEL_DIGESTS]

    def digest(kind: str, name: str) -> str | None:
        try:
            path = folders.find(kind, name)
        except LimnerError:
            return None  # It has gone since the list was read.
        return known.tensors(path) if kind == "loras" else known.sha256(path)

    return digest


async def checkpoints(request: web.Request) -> list[ModelFile]:
    """The checkpoints there are, the small ones with their digests in any case."""
    service, known = request.app[SERVICE], request.app[MODEL_DIGESTS]

    def listed() -> list[ModelFile]:
        files = model_files(service, "checkpoints")
        return [replace(file, sha256=file.sha256 or known.sha256(file.path, wanted=False)) for file in files]

    return await beside(listed)


async def stored_options(request: web.Request) -> dict[str, Any]:
    """The options that clients have set."""
    users, file = request.app[USERS], options_file(request)
    return await beside(lambda: users.settings.read(file))


def options_file(request: web.Request) -> Path:
    """Where they are kept."""
    return folders_of(request).user / OPTIONS_FILE


def chosen(stored: Mapping[str, Any], known: Sequence[ModelFile], default: str) -> ModelFile | None:
    """The checkpoint in use: the one that was set, else the default, else the first; None if there is none."""
    return find_model(_text(stored.get(CHECKPOINT)), known) or find_model(default, known) or next(iter(known), None)


async def current_options(
    request: web.Request, overrides: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], ModelFile]:
    """All options, and the checkpoint in use.

    Args:
        request: Any request.
        overrides: A request's own; a checkpoint that nobody has, and one that is empty, does not count.

    Raises:
        GraphError: if there is no checkpoint at all.
    """
    known, stored = await checkpoints(request), await stored_options(request)
    asked = find_model(_text((overrides or {}).get(CHECKPOINT)), known)
    checkpoint = asked or chosen(stored, known, request.app[SERVICE].settings.default_model)
    if checkpoint is None:
        raise no_model("", 0)
    return options_now({**stored, **(overrides or {})}, checkpoint), checkpoint


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
