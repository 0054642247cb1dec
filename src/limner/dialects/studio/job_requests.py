"""What the studio asks of the queue: which jobs are wanted, which are meant."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from limner.graph.errors import DocumentError
from limner.jobs.records import Job, JobState
from limner.jobs.selection import Order, Selection

STATES: Mapping[str, JobState] = {
    "waiting": JobState.WAITING,
    "held": JobState.WAITING,
    "running": JobState.RUNNING,
    "succeeded": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "lost": JobState.FAILED,
    "interrupted": JobState.INTERRUPTED,
}

USUAL = 50
MOST = 1_000
LARGEST = 1 << 53
MOST_WORDS = 8
LONGEST_WORD = 100
MOST_IDS = 10_000


def read_selection(query: Mapping[str, str]) -> Selection:
    """Which jobs a list shows. Waiting ones, if they alone are wanted, come in the order in which they will run.

    Raises:
        DocumentError: if a parameter cannot be what it should be.
    """
    names = [name.strip() for name in query.get("state", "").split(",") if name.strip()]
    unknown = [name for name in names if name not in STATES]
    if unknown:
        raise DocumentError(f"There is no state {unknown[0]!r:.60}. States are {', '.join(STATES)}.")
    states = frozenset(STATES[name] for name in names) or frozenset(JobState)
    turn = states == {JobState.WAITING}
    return Selection(
        states=states,
        order=Order.TURN if turn else Order.CREATED,
        descending=not turn,
        limit=min(MOST, max(1, _integer(query, "limit") or USUAL)),
        group=query.get("group", "")[:200],
        words=tuple(word[:LONGEST_WORD] for word in query.get("q", "").lower().split()[:MOST_WORDS]),
        lost=set(names) == {"lost"},
        since=_integer(query, "since"),
        until=_integer(query, "until"),
        after=_read_mark(query.get("before", "")),
    )


def mark_of(job: Job) -> str:
    """Where a page ends, to ask for the next one ``before`` it."""
    return f"{job.submission.created}-{job.submission.id}"


class Meant(NamedTuple):
    """Jobs that a request is about: by their ids, or all of a group, or all in some state."""

    ids: tuple[str, ...] = ()
    group: str = ""
    everything: bool = False


def read_meant(body: Mapping[str, Any]) -> Meant:
    """Which jobs a body means: ``{"ids": [...]}``, ``{"group": "..."}`` or ``{"all": true}``.

    Raises:
        DocumentError: if it means none.
    """
    ids, group, everything = body.get("ids"), body.get("group"), body.get("all")
    if isinstance(ids, list) and len(ids) <= MOST_IDS and all(isinstance(name, str) for name in ids):
        return Meant(ids=tuple(dict.fromkeys(ids)))
    if isinstance(group, str) and group:
        return Meant(group=group)
    if everything is True:
        return Meant(everything=True)
    raise DocumentError('Say which jobs: {"ids": ["..."]}, {"group": "..."} or {"all": true}.')


class Place(NamedTuple):
    """Where jobs are to be put in the queue."""

    before: str | None
    first: bool


def read_place(body: Mapping[str, Any]) -> Place:
    """Before which job, or at the very front: ``{"before": "..."}``, ``{"first": true}``; neither: at the end.

    Raises:
        DocumentError: if it is neither.
    """
    before, first = body.get("before"), body.get("first", False)
    if not (before is None or isinstance(before, str)) or not isinstance(first, bool):
        raise DocumentError('Say where: {"before": "the id of a job"}, {"first": true}, or neither for the end.')
    return Place(before, first)


def _read_mark(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    moment, _, name = text.partition("-")
    if not (moment.isascii() and moment.isdigit() and name):
        raise DocumentError("'before' must be the 'next' of an earlier answer.")
    return min(int(moment[:20]), LARGEST), name[:200]


def _integer(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "").strip()
    if text and not (text.isascii() and text.isdigit()):
        raise DocumentError(f"{name!r} must be a whole number, not {text!r:.60}.")
    return min(int(text[:20]), LARGEST) if text else 0
