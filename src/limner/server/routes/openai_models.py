"""Which models there are, for OpenAI's clients."""

from aiohttp import web

from limner.dialects.openai.models import is_known, model_entry, model_list
from limner.dialects.openai.refusals import error_body, refusal
from limner.server.openai.door import models_of, openai_route
from limner.server.public_address import address_of
from limner.server.replies import json_reply
from limner.server.route import SERVICE, route

METHODS = ("GET", "POST")


@openai_route("GET", "/models")
async def all_models(request: web.Request) -> web.Response:
    """Checkpoints and apps; ``?output_modalities=image`` asks for those that draw, which all of them do."""
    return json_reply(model_list(await models_of(request), request.query.get("output_modalities", "")))


@openai_route("GET", "/models/{name:.+}")
async def one_model(request: web.Request) -> web.Response:
    """One of them; names may have slashes."""
    name = request.match_info["name"]
    if not is_known(name, await models_of(request), request.app[SERVICE].settings.model_aliases):
        raise refusal(f"The model {name!r} does not exist. GET /v1/models lists those there are.", "model_not_found",
                      "model", 404)  # fmt: skip
    return json_reply(model_entry(name))


@openai_route("*", "/{rest:.*}")
async def nothing_here(request: web.Request) -> web.Response:
    """Paths of OpenAI's API that are not served, and methods that a path does not know."""
    allowed = [method for method in METHODS if await _is_served(request, method)]
    if not allowed:
        raise refusal(f"Unknown request URL: {request.method} {request.path}.", "unknown_url", None, 404)
    message = f"Not allowed to {request.method} on {request.path} (try {' or '.join(allowed)})."
    return json_reply(error_body(message, 405, "method_not_supported"), 405, Allow=", ".join(allowed))


@route("POST", "/images/generations", "/images/edits", "/images/variations", "/chat/completions", mirrored=False)
async def without_version(request: web.Request) -> web.Response:
    """What clients ask whose base address lacks its end; many people write the server's address alone."""
    message = f"Unknown request URL: POST {request.path}. The base address to give to clients ends with /v1:"
    return json_reply(error_body(f"{message} {address_of(request)}/v1", 404, "unknown_url"), 404)


async def _is_served(request: web.Request, method: str) -> bool:
    """Whether there is an answer to another method at this path."""
    if method == request.method:
        return False
    found = await request.app.router.resolve(request.clone(method=method))
    resource = found.route.resource
    return resource is not None and not resource.canonical.endswith("/{rest}")
