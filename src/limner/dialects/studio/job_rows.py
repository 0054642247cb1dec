"""Jobs as the studio's queue lists them: ``/limner/jobs``."""

from collections.abc import Iterator, Mapping
from typing import Any

from limner.dialects.comfy.history import unwrapped
from limner.dialects.comfy.job_outputs import entries_of
from limner.engine.events import Failure, StepTime
from limner.jobs.pace import Estimate
from limner.jobs.records import Job, JobState
from limner.jobs.searching import told

LOST = "WorkerLostError"
"""The error of a job whose worker was gone more often than it is tried."""

SHOWN_FILES = 16
SHOWN_TEXT = 500
MOST_CELLS = 8


def job_row(job: Job, *, position: int | None = None, expected: Estimate | None = None) -> dict[str, Any]:
    """A job in a list.

    Args:
        job: It.
        position: Its place among the waiting jobs, from 1.
        expected: How long it is going to take, if that is known.
    """
    asked = job.submission
    files = list(files_of(job))
    return {
        "id": asked.id,
        "state": state_of(job),
        "title": told(asked, "title"),
        "text": _text(asked.document),
        "group": told(asked, "group"),
        "group_title": told(asked, "group_title"),
        "document": told(asked, "document"),
        "app": told(asked, "app"),
        "cell": _cell(asked.extra),
        "dialect": asked.dialect,
        "created": asked.created,
        "started": job.started,
        "ended": job.ended,
        "nodes": len(asked.document),
        "position": position,
        "attempt": job.attempt,
        "returned": job.returned,
        "stopping": bool(job.stopping) and job.state is JobState.RUNNING,
        "outputs": files[:SHOWN_FILES],
        "output_count": len(files),
        "error": error_of(job.failure),
        "expected": expected.seconds if expected else None,
        "weights": dict(expected.nodes) if expected and job.state is JobState.RUNNING else {},
    }


def job_view(job: Job, *, position: int | None = None, expected: Estimate | None = None) -> dict[str, Any]:
    """One job with all that is known of it; no secrets are in it."""
    asked = job.submission
    embedded = asked.extra.get("extra_pnginfo")
    workflow = embedded.get("workflow") if isinstance(embedded, Mapping) else None
    return {
        **job_row(job, position=position, expected=expected),
        "outputs": list(files_of(job)),
        "prompt": unwrapped(asked.document),
        "workflow": workflow if isinstance(workflow, Mapping) and isinstance(workflow.get("nodes"), list) else None,
        "timeline": timeline(job),
        "traceback": list(job.failure.traceback) if job.failure else [],
        "tips": job.failure.tips if job.failure else "",
    }


def state_of(job: Job) -> str:
    """Where a job stands, as the queue names it."""
    if job.state is JobState.WAITING and job.held:
        return "held"
    if job.failure is not None and job.failure.error_type == LOST:
        return "lost"
    return str(job.state)


def error_of(failure: Failure | None) -> dict[str, Any] | None:
    """Why a job failed: the node as one sees it, and the message."""
    if failure is None:
        return None
    return {
        "node": failure.place.display if failure.place else "",
        "node_type": failure.node_type,
        "message": failure.message.strip(),
        "code": failure.error_type,
    }


def files_of(job: Job) -> Iterator[dict[str, Any]]:
    """The files of a job, in the order in which they came."""
    for node, said in job.outputs.items():
        for media, entry in entries_of(said):
            if isinstance(entry, Mapping) and isinstance(entry.get("filename"), str):
                yield {
                    "node": node,
                    "filename": entry["filename"],
                    "subfolder": str(entry.get("subfolder") or ""),
                    "type": str(entry.get("type") or "output"),
                    "media": media,
                }


def timeline(job: Job) -> list[dict[str, Any]]:
    """What its nodes did, those first that did not need to run."""
    document = job.submission.document
    ran = {step.node for step in job.steps}
    failed = job.failure.place.node if job.failure and job.failure.place else ""
    cached = [_entry(document, node, node, "cached", job.recalled_at, 0.0) for node in job.recalled if node not in ran]
    steps = [
        _entry(document, step.node, step.real, _state(step, failed), step.began, step.seconds) for step in job.steps
    ]
    return [*cached, *steps]


def _state(step: StepTime, failed: str) -> str:
    if step.node == failed:
        return "failed"
    return "ran" if step.done else "stopped"


def _entry(document: Mapping[str, Any], node: str, real: str, state: str, began: int, seconds: float) -> dict[str, Any]:
    known = document.get(real)
    known = known if isinstance(known, Mapping) else {}
    meta = known.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    return {
        "node": node,
        "real": real,
        "type": str(known.get("class_type", "")),
        "title": title if isinstance(title, str) else "",
        "state": state,
        "began": began,
        "seconds": round(seconds, 3),
    }


def _text(document: Mapping[str, Any]) -> str:
    """The longest text of a graph: what somebody would know it by."""
    inputs = [node.get("inputs") for node in document.values() if isinstance(node, Mapping)]
    texts = [value for fields in inputs if isinstance(fields, Mapping) for value in fields.values()]
    longest = max((text.strip() for text in texts if isinstance(text, str) and " " in text), key=len, default="")
    return longest[:SHOWN_TEXT]


def _cell(extra: Mapping[str, Any]) -> list[int] | None:
    """Where a job's result belongs in a table, as its client said."""
    said = extra.get("limner")
    cell = said.get("cell") if isinstance(said, Mapping) else None
    if isinstance(cell, list) and len(cell) <= MOST_CELLS and all(isinstance(place, int) for place in cell):
        return cell
    return None
