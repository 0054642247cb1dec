"""Jobs as ComfyUI's queue items and history entries."""

from typing import Any

from limner.dialects.comfy.outcome import error_data, interrupted_data
from limner.jobs.records import Job, JobState


def queue_item(job: Job) -> list[Any]:
    """``[number, prompt id, prompt, extra data, outputs]``; no secrets are in it."""
    asked = job.submission
    return [asked.number, asked.id, asked.document, asked.extra, list(asked.targets)]


def history_entry(job: Job) -> dict[str, Any]:
    """What ``/history`` says of a finished job."""
    return {
        "prompt": queue_item(job),
        "outputs": job.outputs,
        "status": {
            "status_str": "success" if job.state is JobState.SUCCEEDED else "error",
            "completed": job.state is JobState.SUCCEEDED,
            "messages": _messages(job),
        },
        "meta": {node: _meta(job, node) for node in job.outputs},
    }


def _meta(job: Job, node: str) -> dict[str, Any]:
    place = job.places[node]
    return {
        "node_id": place.node,
        "display_node": place.display,
        "parent_node": place.parent,
        "real_node_id": place.real,
    }


def _messages(job: Job) -> list[list[Any]]:
    name = job.submission.id
    messages: list[list[Any]] = []
    if job.started:
        messages.append(["execution_start", {"prompt_id": name, "timestamp": job.started}])
        recalled = {"nodes": list(job.recalled), "prompt_id": name, "timestamp": job.started}
        messages.append(["execution_cached", recalled])
    if job.state is JobState.SUCCEEDED:
        messages.append(["execution_success", {"prompt_id": name, "timestamp": job.ended}])
    elif job.failure is not None:
        messages.append(["execution_error", error_data(name, job.failure, job.ended)])
    elif job.interrupted is not None:
        messages.append(["execution_interrupted", interrupted_data(job.interrupted)])
    return messages
