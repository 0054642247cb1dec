"""Jobs as ComfyUI's queue items and history entries."""

from collections.abc import Mapping
from typing import Any

from limner.dialects.comfy.outcome import error_data, interrupted_data
from limner.graph.api_document import WRAPPED
from limner.jobs.records import Job, JobState


def queue_item(job: Job) -> list[Any]:
    """``[number, prompt id, prompt, extra data, outputs]``; no secrets are in it."""
    asked = job.submission
    return [asked.number, asked.id, unwrapped(asked.document), asked.extra, list(asked.targets)]


def unwrapped(document: Mapping[str, Any]) -> dict[str, Any]:
    """An API document with lists that are values written as plain lists, as ComfyUI shows it."""
    return {name: _unwrapped_node(entry) for name, entry in document.items()}


def _unwrapped_node(entry: Any) -> Any:
    inputs = entry.get("inputs") if isinstance(entry, Mapping) else None
    if not isinstance(inputs, Mapping) or not any(map(_is_wrapped, inputs.values())):
        return entry
    plain = {name: value[WRAPPED] if _is_wrapped(value) else value for name, value in inputs.items()}
    return {**entry, "inputs": plain}


def _is_wrapped(value: Any) -> bool:
    return isinstance(value, Mapping) and WRAPPED in value


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
        recalled = {"nodes": list(job.recalled), "prompt_id": name, "timestamp": job.recalled_at or job.started}
        messages.append(["execution_cached", recalled])
    if job.state is JobState.SUCCEEDED:
        messages.append(["execution_success", {"prompt_id": name, "timestamp": job.ended}])
    elif job.failure is not None:
        messages.append(["execution_error", error_data(name, job.failure, job.ended)])
    elif job.interrupted is not None:
        messages.append(["execution_interrupted", interrupted_data(job.interrupted)])
    return messages
