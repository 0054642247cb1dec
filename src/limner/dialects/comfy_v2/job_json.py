"""Jobs as Comfy API v2 writes them. Its Python client checks every field; none may be absent."""

import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from limner.dialects.comfy_v2.submission import EXTRA
from limner.dialects.comfy_v2.times import written
from limner.jobs.records import FINAL, Job, JobState

KEPT = 10 * 365 * 24 * 3600 * 1000
"""Milliseconds until a job is said to expire: clients insist on a time, and jobs stay until somebody deletes them."""

STATES = {
    JobState.WAITING: "queued",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
    JobState.INTERRUPTED: "canceled",
}
CANCELING = "canceling"
STATUSES = (*STATES.values(), CANCELING, "expired")
NODE_FAILED, WORKER_FAILED = "node_execution_error", "execution_error"


@dataclass(frozen=True, kw_only=True)
class View:
    """What is known of a job beside itself.

    Attributes:
        base: Address of the API, without a slash at the end.
        outputs: Its outputs, as they are written.
        progress: How far it is, if it runs.
        position: Its place in the queue, if it waits.
    """

    base: str
    outputs: Sequence[dict[str, Any]] = ()
    progress: dict[str, Any] | None = None
    position: int | None = None


def status_of(job: Job) -> str:
    """Where a job stands."""
    return CANCELING if job.state is JobState.RUNNING and job.stopping else STATES[job.state]


def job_entry(job: Job, view: View) -> dict[str, Any]:
    """A job with all that clients read."""
    asked = job.submission
    here = f"{view.base}/jobs/{urllib.parse.quote(asked.id, safe='')}"
    return {
        "id": asked.id,
        "status": status_of(job),
        "created_at": written(asked.created),
        "started_at": written(job.started) if job.started else None,
        "completed_at": written(job.ended) if job.ended else None,
        "expires_at": written(asked.created + KEPT),
        "queue_position": view.position if job.state is JobState.WAITING else None,
        "progress": view.progress if job.state is JobState.RUNNING else None,
        "outputs": list(view.outputs),
        "error": _error(job),
        "metrics": _metrics(job),
        "outputs_reused": bool(job.recalled),
        "urls": {"self": here, "events": f"{here}/events", "cancel": f"{here}/cancel"},
        **_told(job),
    }


def listed_entry(job: Job, view: View) -> dict[str, Any]:
    """A job in a list: times by a second name too, and labels even if there are none."""
    asked = job.submission
    times = {"create_time": written(asked.created), "update_time": written(job.ended or job.started or asked.created)}
    return {"metadata": {}, **job_entry(job, view), **times}


def _told(job: Job) -> dict[str, Any]:
    """What the client said of its job, as it said it."""
    told = job.submission.extra.get(EXTRA)
    found = {name: told.get(name) for name in ("metadata", "priority")} if isinstance(told, dict) else {}
    return {name: value for name, value in found.items() if value is not None}


def _error(job: Job) -> dict[str, Any] | None:
    failure = job.failure
    if job.state is not JobState.FAILED or failure is None:
        return None
    return {
        "code": NODE_FAILED if failure.place is not None else WORKER_FAILED,
        "message": f"{failure.message}\n{failure.tips}".strip() or failure.error_type,
        "node_id": failure.place.real if failure.place is not None else None,
        "class_type": failure.node_type or None,
        "traceback": "".join(failure.traceback) or None,
    }


def _metrics(job: Job) -> dict[str, int] | None:
    if not job.started:
        return None
    metrics = {"queue_ms": max(0, job.started - job.submission.created)}
    return metrics | ({"execution_ms": max(0, job.ended - job.started)} if job.state in FINAL else {})
