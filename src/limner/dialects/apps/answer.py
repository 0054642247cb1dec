"""What a run is told as, wherever it is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from limner.dialects.apps.options import Finish
from limner.dialects.apps.records import App, AppInput
from limner.graph.problem import Problem
from limner.jobs.records import Job, JobState

DIALECT = "apps"
"""What the jobs of runs came through."""

MARK = "limner_app"
"""Where a submission keeps what its app needs to know later."""

STATUS: Mapping[JobState, str] = {
    JobState.WAITING: "queued",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
    JobState.INTERRUPTED: "canceled",
}


class RunMark(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a run beside its graph.

    Attributes:
        app: Name of the app; empty: a workflow that was sent along.
        version: Of the app.
        inputs: The values that were taken, seeds too.
        finish: What becomes of its pictures.
        request: Digest of what was asked, for requests that are repeated.
        notes: What people should know of it.
    """

    app: str = ""
    version: int = 0
    inputs: dict[str, Any] = {}
    finish: Finish = Finish()
    request: str = ""
    notes: tuple[str, ...] = ()


def mark_of(job: Job) -> RunMark:
    """What is remembered of a run; of a job that came through another door: nothing, whatever its client put there."""
    if job.submission.dialect != DIALECT:
        return RunMark()
    try:
        return msgspec.convert(job.submission.extra.get(MARK), RunMark)
    except msgspec.ValidationError:
        return RunMark()


def run_answer(
    job: Job, outputs: Sequence[Mapping[str, Any]], urls: Mapping[str, str], texts: Sequence[str] = ()
) -> dict[str, Any]:
    """A run as JSON.

    Args:
        job: The run.
        outputs: Its files, as they are told.
        urls: Where it can be asked for, listened to, and stopped.
        texts: What nodes said.
    """
    mark, status = mark_of(job), STATUS[job.state]
    pictures = [f"![{entry['filename']}]({entry['url']})" for entry in outputs if entry["type"] == "image"]
    answer: dict[str, Any] = {
        "id": job.submission.id,
        "status": status,
        "app": mark.app or None,
        "version": mark.version or None,
        "outputs": list(outputs),
        "inputs": dict(mark.inputs),
        "error": failure_text(job),
        "urls": dict(urls),
        "created": job.submission.created,
        "started": job.started or None,
        "ended": job.ended or None,
    }
    if pictures:
        answer["markdown"] = "\n".join(pictures)
    if texts:
        answer["texts"] = list(texts)
    return answer | ({"notes": list(mark.notes)} if mark.notes else {})


def with_stored(outputs: Sequence[dict[str, Any]], stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Files with the addresses that they have in a store, as far as they can be opened there (``local_url``: here)."""
    known = {entry.get("filename"): entry for entry in stored}
    return [_stored(entry, known[name]) if (name := entry["filename"]) in known else entry for entry in outputs]


def _stored(entry: dict[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    beside = {name: stored[name] for name in ("etag", "key", "size") if stored.get(name)}
    url = str(stored["url"])
    if not url.startswith("http"):  # A folder; clients can do nothing with its path.
        return {**entry, "stored_url": url, **beside}
    return {**entry, "url": url, "local_url": entry["url"], **beside}


def failure_text(job: Job) -> str | None:
    """Why a run did not end well, in a sentence or two; None: it did, or is not over."""
    if job.state is JobState.INTERRUPTED:
        return "The run was canceled."
    if job.state is not JobState.FAILED:
        return None
    failure = job.failure
    if failure is None:
        return "The run failed."
    where = f"Node {failure.place.real} ({failure.node_type}): " if failure.place is not None else ""
    return f"{where}{failure.message} {failure.tips}".strip()


def app_entry(app: App, inputs: Sequence[AppInput], title: str) -> dict[str, Any]:
    """An app as it is listed, with the inputs that were found in it."""
    return {
        "name": app.name,
        "version": app.version,
        "title": title,
        "description": app.declaration.description,
        "builtin": app.version == 0,
        "created": app.created,
        "picture": app.declaration.picture,
        "tags": list(app.declaration.tags),
        "shared": app.declaration.shared,
        "inputs": [input_entry(entry) for entry in inputs],
    }


def input_entry(entry: AppInput) -> dict[str, Any]:
    """An input as it is listed; what is not known is left out."""
    shown: dict[str, Any] = {
        "name": entry.name,
        "type": entry.kind,
        "required": entry.required,
        "default": entry.default,
        "min": entry.least,
        "max": entry.most,
        "choices": list(entry.choices) or None,
        "description": entry.description or None,
        "random": entry.random or None,
        "places": [f"{node}.{key}" for node, key in entry.places] or None,
        "source": entry.source,
    }
    return {name: value for name, value in shown.items() if value is not None}


def problem_entry(problem: Problem) -> dict[str, Any]:
    """A problem as answers tell it."""
    shown = {
        "code": problem.code,
        "message": problem.message,
        "details": problem.details,
        "node": problem.node,
        "input": problem.extra.get("input_name"),
    }
    return {name: value for name, value in shown.items() if value not in (None, "")}


def error_answer(detail: str, problems: Sequence[Problem] = (), code: str = "") -> dict[str, Any]:
    """The body of a refusal: one plain sentence, and every problem as data."""
    sentence = detail.replace(".: ", ": ").rstrip()
    sentence += "" if sentence.endswith((".", "!", "?")) else "."
    body: dict[str, Any] = {"detail": sentence, "problems": [problem_entry(problem) for problem in problems]}
    return body | ({"code": code} if code else {})
