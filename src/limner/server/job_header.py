"""The id of the job behind an answer, for doors whose answers have no place for it: a header beside them.

A client that reads it before the answer's end may ask for the job, or have it cancelled, through any other door.
"""

from aiohttp import web

HEADER = "X-Limner-Job"

JOB: web.RequestKey[str] = web.RequestKey("job", str)
"""Where a request keeps the id of the job that it began or joined."""


def tell_jobs(application: web.Application) -> None:
    """Lets answers carry the header."""
    application.on_response_prepare.append(_tell)


async def _tell(request: web.Request, response: web.StreamResponse) -> None:
    if JOB in request:
        response.headers[HEADER] = request[JOB]
