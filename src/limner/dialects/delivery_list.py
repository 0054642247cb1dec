"""What follows jobs, as clients see it: nothing of it is a secret."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from limner.dialects.comfy.prompt_request import refusal
from limner.jobs.outbox import ErrandState, KeptErrand

MOST = 1000
STATES = tuple(state.value for state in ErrandState)


class DeliverySelection(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries are asked for.

    Attributes:
        job: Of this job; None: of any.
        state: In this state; None: in any.
        limit: At most so many, the newest first.
    """

    job: str | None = None
    state: ErrandState | None = None
    limit: int = 100


def read_delivery_selection(query: Mapping[str, str]) -> DeliverySelection:
    """Reads a query.

    Raises:
        GraphError: if a value cannot be what it should be.
    """
    state, limit = query.get("state") or None, query.get("limit") or "100"
    if state is not None and state not in STATES:
        raise refusal("invalid_request", f"'state' must be one of {', '.join(STATES)}.", f"{state:.40}")
    if not limit.isascii() or not limit.isdigit() or not 0 < int(limit[:9]) <= MOST:
        raise refusal("invalid_request", f"'limit' must be a number from 1 to {MOST}.", f"{limit:.40}")
    return DeliverySelection(
        job=query.get("job") or None, state=ErrandState(state) if state is not None else None, limit=int(limit)
    )


def delivery_entry(kept: KeptErrand) -> dict[str, Any]:
    """One delivery."""
    body = kept.errand.body
    place = {name: body[name] for name in ("url", "store") if name in body}
    if kept.errand.kind == "webhook":
        place["url"] = _shown(str(body.get("url", "")), own="own" in body)
    return {
        "id": kept.id,
        "job": kept.job,
        "kind": kept.errand.kind,
        **place,
        "state": kept.state.value,
        "attempts": kept.attempts,
        "due": kept.due or None,
        "ended": kept.ended or None,
        "reason": kept.reason or None,
        "result": kept.result,
    }


def _shown(url: str, *, own: bool) -> str:
    """A receiver without what may be a key in its address: of those in the server's settings that is the path too."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{'' if own else parts.path}"
