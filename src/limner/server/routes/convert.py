"""A page's workflow as what is run: ``/limner/convert``, for programs that want the API format of a file."""

from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.document import read_workflow
from limner.graph.errors import LimnerError
from limner.server.bodies import beside, read_object
from limner.server.caller import lists_of
from limner.server.replies import error_reply, json_reply
from limner.server.route import route
from limner.server.starting import known_catalog, starting_reply


@route("POST", "/limner/convert", access=Scope.READ_OWN)
async def convert(request: web.Request) -> web.Response:
    """The API format of ``{"workflow": any format}``, and what could not be read of it; it is not run."""
    lists, catalog = lists_of(request), await known_catalog(request)
    if catalog is None:
        return starting_reply(request)
    try:
        document = (await read_object(request)).get("workflow")
        read = await beside(lambda: read_workflow(document, catalog, lists))
    except LimnerError as error:
        return error_reply(400, "invalid_body", str(error))
    unknown = {kind: list(nodes) for kind, nodes in read.unknown.items()}
    return json_reply({"prompt": read.document, "notes": list(read.notes), "unknown": unknown})
