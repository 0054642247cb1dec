"""What follows jobs: files brought to stores, webhooks; where each stands, and having it done again."""

import time

from aiohttp import web

from limner.dialects.delivery_list import delivery_entry, read_delivery_selection
from limner.jobs.outbox import KeptErrand
from limner.server.bodies import beside
from limner.server.caller import caller_of, may_see_of, shown_owner
from limner.server.deliveries import DELIVERIES, Deliveries
from limner.server.replies import error_reply, json_reply
from limner.server.route import SERVICE, route
from limner.server.webhook_secret import secret_of


@route("GET", "/deliveries")
async def deliveries(request: web.Request) -> web.Response:
    """The newest deliveries, or those of one job."""
    wanted = read_delivery_selection(request.query)
    known, owner = request.app.get(DELIVERIES), shown_owner(request)
    if known is None:
        return json_reply({"deliveries": []})
    outbox = known.outbox

    def read() -> web.Response:
        if wanted.job is None:
            found = outbox.latest(wanted.limit, owner, wanted.state)
        else:
            of_job = [kept for kept in outbox.of_job(wanted.job) if owner in (None, kept.owner)]
            found = [kept for kept in of_job if wanted.state in (None, kept.state)][: wanted.limit]
        return json_reply({"deliveries": [delivery_entry(kept) for kept in found]})

    return await beside(read)


@route("GET", "/deliveries/secret")
async def secret(request: web.Request) -> web.Response:
    """What the caller's webhooks are signed with."""
    plan = request.app[SERVICE].deliveries
    if plan is None:
        return _unknown("secret")
    return json_reply({"secret": secret_of(caller_of(request).owner, plan.secret)})


@route("GET", "/deliveries/{number}")
async def one_delivery(request: web.Request) -> web.Response:
    """One delivery with what came of it."""
    name, known = request.match_info["number"], request.app.get(DELIVERIES)

    def read() -> web.Response:
        kept = _find(request, known, name)
        return json_reply(delivery_entry(kept)) if kept is not None else _unknown(name)

    return await beside(read)


@route("POST", "/deliveries/{number}/retry")
async def retry(request: web.Request) -> web.Response:
    """Has a delivery done again at once, however it stands."""
    name, known = request.match_info["number"], request.app.get(DELIVERIES)

    def again() -> web.Response:
        kept = _find(request, known, name)
        if kept is None or known is None:
            return _unknown(name)
        if not known.outbox.redeliver(kept.id, time.time_ns() // 1_000_000):
            return error_reply(409, "not_due", f"The job {kept.job} has not ended; its deliveries come after it.")
        known.courier.wake()
        again = known.outbox.get(kept.id)
        return json_reply(delivery_entry(again or kept))

    return await beside(again)


def _find(request: web.Request, known: Deliveries | None, name: str) -> KeptErrand | None:
    """A delivery that the caller may see, or change, by its number. Blocks."""
    if known is None or not name.isascii() or not name.isdigit() or len(name) > 18:
        return None
    kept = known.outbox.get(int(name))
    return kept if kept is not None and may_see_of(request, kept.owner) else None


def _unknown(name: str) -> web.Response:
    return error_reply(404, "not_found", f"There is no delivery {name!r:.60} of yours.")
