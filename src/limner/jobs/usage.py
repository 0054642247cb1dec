"""What jobs cost, as figures: by provider, model, owner or day. Pure; the rows come from the journal's file."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, NamedTuple

import msgspec

from limner.graph.errors import SettingsError, UnknownNameError
from limner.jobs.records import Job, JobState

LOCAL = "local"
"""The provider of what this machine's own worker made."""

LOADERS = ("ckpt_name", "unet_name", "model_name")
"""Inputs that name what a graph draws with, the most telling first."""

MILLISECONDS = 1000

_SPAN = re.compile(r"([0-9]{1,6})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


class Spent(NamedTuple):
    """One request, as it is kept: see the table ``usage``."""

    job: str
    owner: str
    ended: int
    provider: str
    model: str
    requests: int
    images: int
    seconds: float
    tokens: int
    cost: float | None
    currency: str
    failure: str


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """What a group of requests comes to.

    Attributes:
        name: Of the group.
        requests: How many were made, failed ones included.
        failures: How many of them failed.
        images: Pictures that came.
        seconds: How long they took together; of this machine: seconds of its device.
        tokens: What providers counted.
        cost: By currency, as far as it is known.
        latency: Seconds of the requests that went well: ``p50``, ``p90``, ``p99`` and ``max``.
    """

    name: str
    requests: int = 0
    failures: int = 0
    images: int = 0
    seconds: float = 0.0
    tokens: int = 0
    cost: dict[str, float] = {}
    latency: dict[str, float] = {}


GROUPS: dict[str, Callable[[Spent], str]] = {
    "provider": lambda spent: spent.provider,
    "model": lambda spent: spent.model if spent.provider == LOCAL else f"{spent.provider}/{spent.model}",
    "owner": lambda spent: spent.owner,
    "day": lambda spent: datetime.fromtimestamp(spent.ended / MILLISECONDS, UTC).date().isoformat(),
}
"""What usage can be told by."""


def spent_on(job: Job) -> list[Spent]:
    """What a job that has ended cost: its requests to other services, and what this machine did itself."""
    asked = job.submission
    rows = [
        Spent(
            job=asked.id,
            owner=asked.owner,
            ended=job.ended,
            provider=charge.provider,
            model=charge.model,
            requests=1,
            images=charge.images,
            seconds=charge.seconds,
            tokens=charge.tokens,
            cost=charge.cost,
            currency=charge.currency,
            failure=charge.failure,
        )
        for charge in job.charges
    ]
    return rows if not job.started else [*rows, _own(job)]


def _own(job: Job) -> Spent:
    """This machine's part: the time of the run, without that in which it waited for others."""
    asked = job.submission
    seconds = max(0, job.ended - job.started) / MILLISECONDS - sum(charge.seconds for charge in job.charges)
    return Spent(
        job=asked.id,
        owner=asked.owner,
        ended=job.ended,
        provider=LOCAL,
        model=_model(asked.document),
        requests=0 if job.charges else 1,
        images=0 if job.charges else _pictures(job),
        seconds=max(0.0, seconds),
        tokens=0,
        cost=None,
        currency="",
        failure="" if job.state is JobState.SUCCEEDED else str(job.state),
    )


def _pictures(job: Job) -> int:
    shown = [ui.get("images") for ui in job.outputs.values()]
    return sum(len(images) for images in shown if isinstance(images, list))


def _model(document: dict[str, Any]) -> str:
    """The file name of what a graph draws with; empty if it loads nothing."""
    inputs = [node.get("inputs", {}) for node in document.values() if isinstance(node, dict)]
    for loader in LOADERS:
        for values in inputs:
            if isinstance(values, dict) and isinstance(name := values.get(loader), str):
                return PurePath(name).name
    return ""


def summed(rows: Iterable[Spent], by: str) -> list[Sum]:
    """Sums of requests, the group with most requests first.

    Raises:
        UnknownNameError: for a grouping that does not exist.
    """
    if by not in GROUPS:
        raise UnknownNameError("grouping of usage", by, GROUPS)
    groups: dict[str, list[Spent]] = {}
    for row in rows:
        groups.setdefault(GROUPS[by](row), []).append(row)
    sums = [_sum(name, group) for name, group in groups.items()]
    return sorted(sums, key=lambda found: found.name) if by == "day" else sorted(sums, key=lambda f: -f.requests)


def _sum(name: str, rows: Sequence[Spent]) -> Sum:
    cost: dict[str, float] = {}
    for row in rows:
        if row.cost is not None:
            cost[row.currency] = cost.get(row.currency, 0.0) + row.cost
    return Sum(
        name=name,
        requests=sum(row.requests for row in rows),
        failures=sum(row.requests for row in rows if row.failure),
        images=sum(row.images for row in rows),
        seconds=round(sum(row.seconds for row in rows), 3),
        tokens=sum(row.tokens for row in rows),
        cost={currency: round(value, 6) for currency, value in cost.items()},
        latency=_latency([row.seconds for row in rows if row.requests and not row.failure]),
    )


def _latency(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    # The nearest rank: a value that really was measured.
    return {name: round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3) for name, share in shares.items()}


def since_of(text: str, now: datetime) -> int:
    """The moment that a text means, in milliseconds since the epoch; an empty one means all of time.

    Args:
        text: A date (``2026-11-01``), a moment in ISO form, or a span back from now (``24h``, ``7d``, ``4w``).
        now: The present.

    Raises:
        SettingsError: if it is none of these.
    """
    text = text.strip()
    if not text:
        return 0
    found = _SPAN.fullmatch(text)
    try:
        if found is not None:
            moment = now - timedelta(hours=int(found[1]) * _HOURS[found[2]])
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0, int(moment.timestamp() * MILLISECONDS))
    except (ValueError, OverflowError, OSError) as error:
        raise SettingsError(
            f"{text!r:.60} is no moment: expected a date (2026-11-01), or a span back from now (24h, 7d, 4w)."
        ) from error
