"""Jobs as records: what was asked for, and what has become of it.

A Job's state is never written by itself: it is the fold of the job's events (``fold``), so what clients are told and
what the journal holds cannot differ.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from limner.engine.events import (
    AnyEvent,
    Charged,
    Claimed,
    Failed,
    Failure,
    Interrupted,
    NodeOutput,
    NodePlace,
    Recalled,
    Requeued,
    Started,
    StepTime,
    Stopping,
    Succeeded,
    Timed,
)
from limner.graph.charge import Charge


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.INTERRUPTED})


TRACELESS = frozenset({"comfy"})
"""Dialects whose clients expect that a waiting job which is taken out of the queue was never there."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done once a job has ended, however it ended; kept in the transaction that ends the job.

    Attributes:
        kind: Who knows how it is done (``upload``, ``webhook``).
        body: What that one needs to know.
        secrets: Keys for it; wiped when it is done, never shown.
        stage: Errands of a job wait until those of lower stages are done or given up.
    """

    kind: str
    body: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    stage: int = 0


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for.

    Attributes:
        id: The job's id.
        number: Lower runs first; equal numbers in order of arrival. None until the journal gives the next automatic
            one, which is an integer; what a client gives is a float.
        front: With no number: before everything that was queued earlier.
        document: The checked graph in API form, constants coerced.
        targets: Output nodes to run.
        extra: What came beside it: ``extra_pnginfo``, ``client_id`` ...
        secrets: What nodes may need and nobody may read back (keys); never in history, logs or pictures.
        client: Whom to tell (a WebSocket's id), or None.
        dialect: Which API it came through.
        owner: Whose it is.
        preview_size: Longest side of wanted previews; 0: none.
        substitute: The built-in model may stand in for missing ones.
        created: Milliseconds since the epoch.
        errands: What is to be done once it has ended.
        key: A key that may be used only once by its owner; empty: none.
        labels: Short texts by name, by which lists find it.
    """

    id: str
    number: int | float | None = None
    front: bool = False
    document: dict[str, Any]
    targets: tuple[str, ...]
    extra: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    client: str | None = None
    dialect: str = "comfy"
    owner: str = "default"
    preview_size: int = 0
    substitute: bool = False
    created: int = 0
    errands: tuple[Errand, ...] = ()
    key: str = ""
    labels: dict[str, str] = {}

    @property
    def workflow(self) -> str | None:
        """The id of the workflow file that it was made from, if the client sent that file along."""
        place: Any = self.extra
        for key in ("extra_pnginfo", "workflow", "id"):
            place = place.get(key) if isinstance(place, dict) else None
        return place if isinstance(place, str) and place else None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A submission and the fold of its events.

    Attributes:
        submission: What was asked for.
        state: Where it stands.
        attempt: How often it was claimed.
        epoch: The lease in force.
        started: First claim, milliseconds since the epoch; 0: never.
        ended: Terminal event; 0: not yet.
        recalled: Nodes that did not need to run.
        recalled_at: When that was known; 0: not yet.
        outputs: What nodes told clients, by node id, in order of arrival.
        places: Where those nodes stand.
        failure: Why it failed.
        interrupted: The terminal event, if it was interrupted.
        stopping: When somebody asked it to stop while it ran; 0: nobody has.
        charges: What was asked of other services for it, in every attempt.
        steps: How long its nodes took, once it has ended.
        held: It waits until somebody lets it go.
        returned: Why it went back to the queue, if it did.
    """

    submission: Submission
    state: JobState = JobState.WAITING
    attempt: int = 0
    epoch: int = 0
    started: int = 0
    ended: int = 0
    recalled: tuple[str, ...] = ()
    recalled_at: int = 0
    outputs: dict[str, dict[str, Any]] = {}
    places: dict[str, NodePlace] = {}
    failure: Failure | None = None
    interrupted: Interrupted | None = None
    stopping: int = 0
    charges: tuple[Charge, ...] = ()
    steps: tuple[StepTime, ...] = ()
    held: bool = False
    returned: str = ""


def without_secrets(job: Job) -> Job:
    """The job as anybody may see it; its errands, which may know keys, are in the outbox."""
    if not job.submission.secrets and not job.submission.errands:
        return job
    return msgspec.structs.replace(job, submission=msgspec.structs.replace(job.submission, secrets={}, errands=()))


def fold(job: Job, event: AnyEvent) -> Job:
    """The job after one more event. A final state never changes."""
    if job.state in FINAL:
        return job
    match event:
        case Claimed():
            return msgspec.structs.replace(job, state=JobState.RUNNING, attempt=event.attempt, epoch=event.epoch)
        case Requeued():
            return msgspec.structs.replace(
                job,
                state=JobState.WAITING,
                started=0,
                outputs={},
                places={},
                recalled=(),
                recalled_at=0,
                returned=event.reason,
            )
        case Started():
            return msgspec.structs.replace(job, started=event.time)
        case NodeOutput():
            node = event.place.node
            outputs = job.outputs if event.ui is None else {**job.outputs, node: event.ui}
            return msgspec.structs.replace(job, outputs=outputs, places={**job.places, node: event.place})
        case Stopping():
            return msgspec.structs.replace(job, stopping=event.time)
        case Charged():
            return msgspec.structs.replace(job, charges=(*job.charges, event.charge))
        case Succeeded() | Failed() | Interrupted():
            return _ended(job, event)
        case _:
            return _noted(job, event)


def _noted(job: Job, event: AnyEvent) -> Job:
    match event:
        case Recalled():
            return msgspec.structs.replace(job, recalled=event.nodes, recalled_at=event.time)
        case Timed():
            return msgspec.structs.replace(job, steps=event.steps)
        case _:
            return job


def _ended(job: Job, event: Succeeded | Failed | Interrupted) -> Job:
    match event:
        case Succeeded():
            return msgspec.structs.replace(job, state=JobState.SUCCEEDED, ended=event.time)
        case Failed():
            return msgspec.structs.replace(job, state=JobState.FAILED, ended=event.time, failure=event.failure)
        case Interrupted():
            return msgspec.structs.replace(job, state=JobState.INTERRUPTED, ended=event.time, interrupted=event)


def fold_all(job: Job, events: Iterable[AnyEvent]) -> Job:
    """The job after many more events. Cost: linear in them, however many outputs there are."""
    outputs, places = dict(job.outputs), dict(job.places)
    for event in events:
        if not isinstance(event, NodeOutput):
            job = fold(job, event)
            if isinstance(event, Requeued):
                outputs, places = {}, {}
        elif job.state not in FINAL:
            places[event.place.node] = event.place
            if event.ui is not None:
                outputs[event.place.node] = event.ui
    return msgspec.structs.replace(job, outputs=outputs, places=places)
