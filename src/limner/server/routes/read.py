"""What a file says of how it was made: ``/limner/read``, for files that are dropped, pasted or opened."""

from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.recall.infotext_settings import model_hash
from limner.dialects.recall.known_models import KINDS, with_known_models
from limner.dialects.recall.recall import NO_CATALOG, Recalled, recall
from limner.server.a1111.models import model_files
from limner.server.bodies import beside, read_bytes
from limner.server.replies import error_reply, json_reply
from limner.server.route import CATALOG, SERVICE, route
from limner.server.service import Service

LARGEST = 30 << 20
"""Bytes of a body."""


@route("POST", "/limner/read", access=Scope.READ_OWN)
async def read(request: web.Request) -> web.Response:
    """What the file that is the body carries: a workflow, what was run, settings by role. Nothing is kept of it."""
    if (request.content_length or 0) > LARGEST:
        return _too_large()
    data = await read_bytes(request)
    if len(data) > LARGEST:
        return _too_large()
    service, catalog = request.app[SERVICE], request.app[CATALOG].current or NO_CATALOG
    return json_reply(await beside(lambda: _answer(service, recall(data, catalog))))


def _too_large() -> web.Response:
    message = f"The file is larger than {LARGEST >> 20} MB; workflows are read from smaller ones."
    return error_reply(413, "too_large", message)


def _answer(service: Service, found: Recalled) -> dict[str, Any]:
    answer: dict[str, Any] = {"kind": found.kind, "source": found.source}
    if found.workflow is not None:
        answer["workflow"] = found.workflow
    if found.prompt is not None:
        answer["prompt"] = found.prompt
    if found.settings:
        kinds = {kind for kinds in KINDS.values() for kind in kinds} | {"loras"}
        files = {kind: model_files(service, kind) for kind in kinds}
        answer["settings"] = with_known_models(found.settings, files, model_hash(found.infotext))
    if found.infotext:
        answer["infotext"] = found.infotext
    if found.note:
        answer["note"] = found.note
    return answer
