"""The options of A1111's clients."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner.dialects.a1111.models import NO_NAMES, find_model
from limner.dialects.a1111.options import CHECKPOINT, changed_options, no_model, options_now
from limner.graph.errors import StorageError
from limner.server.a1111.door import a1111_route
from limner.server.a1111.models import checkpoints, chosen, options_file, stored_options
from limner.server.bodies import beside, read_object
from limner.server.replies import json_reply
from limner.server.route import SERVICE, USERS


@a1111_route("GET", "/options")
async def options(request: web.Request) -> web.Response:
    """All options."""
    return json_reply(await _now(request))


@a1111_route("POST", "/options")
async def change_options(request: web.Request) -> web.Response:
    """Sets options; those that are sent back as they were read change nothing."""
    changes = changed_options(await read_object(request), await _now(request))
    if CHECKPOINT in changes:
        changes |= await _checkpoint(request, changes.pop(CHECKPOINT))
    if changes:
        users, file = request.app[USERS], options_file(request)
        try:
            await beside(lambda: users.settings.merge(file, changes))
        except OSError as error:
            raise StorageError(f"The options cannot be kept ({error.strerror or error}). Look at the disk.") from error
    return json_reply(None)


async def _now(request: web.Request) -> dict[str, Any]:
    stored = await stored_options(request)
    known = await checkpoints(request)
    return options_now(stored, chosen(stored, known, request.app[SERVICE].settings.default_model))


async def _checkpoint(request: web.Request, asked: Any) -> Mapping[str, str]:
    """The checkpoint that is set, under the name of its file: a title changes once its digest is known.

    Raises:
        GraphError: if nobody has it.
    """
    if asked is None or str(asked).strip().casefold() in NO_NAMES:
        return {}
    known = await checkpoints(request)
    found = find_model(str(asked), known)
    if found is None:
        raise no_model(asked, len(known))
    return {CHECKPOINT: found.name}
