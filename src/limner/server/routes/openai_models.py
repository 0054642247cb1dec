"""Which models there are, for OpenAI's clients."""

from aiohttp import web

from limner.dialects.openai.models import is_known, model_entry, model_list
from limner.dialects.openai.refusals import refusal
from limner.server.openai_door import checkpoints, openai_route
from limner.server.replies import json_reply
from limner.server.route import SERVICE


@openai_route("GET", "/models")
async def all_models(request: web.Request) -> web.Response:
    """All checkpoints."""
    return json_reply(model_list(await checkpoints(request)))


@openai_route("GET", "/models/{name:.+}")
async def one_model(request: web.Request) -> web.Response:
    """One of them; names may have slashes."""
    name = request.match_info["name"]
    if not is_known(name, await checkpoints(request), request.app[SERVICE].settings.model_aliases):
        raise refusal(f"The model {name!r} does not exist. GET /v1/models lists those there are.", "model_not_found",
                      "model", 404)  # fmt: skip
    return json_reply(model_entry(name))


@openai_route("*", "/{rest:.*}")
async def nothing_here(request: web.Request) -> web.Response:
    """Paths of OpenAI's API that are not served."""
    raise refusal(f"Unknown request URL: {request.method} {request.path}.", "unknown_url", None, 404)
