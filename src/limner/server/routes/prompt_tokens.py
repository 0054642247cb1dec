"""How long a prompt is for what reads it: ``/limner/prompts/tokens``."""

from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.errors import DocumentError
from limner.server.bodies import beside, read_object
from limner.server.replies import error_reply, json_reply
from limner.server.route import SERVICE, route

LONGEST = 20_000
"""Letters."""


@route("POST", "/limner/prompts/tokens", access=Scope.READ_OWN)
async def tokens(request: web.Request) -> web.Response:
    """How many tokens CLIP's text encoders read of ``{"text"}``; null if that cannot be known.

    ``/limner/recipes`` says of which models' prompts that holds, and how many are read at once.
    """
    try:
        text = (await read_object(request)).get("text")
    except DocumentError as error:
        return error_reply(400, "invalid_body", str(error))
    if not isinstance(text, str) or len(text) > LONGEST:
        return error_reply(400, "invalid_body", f"'text' should be a text of at most {LONGEST} letters.")
    count = request.app[SERVICE].clip_tokens
    return json_reply({"tokens": None if count is None else await beside(lambda: count(text))})
