"""How a job ended, as webhooks tell it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from limner.dialects.apps.outputs import OutputFile
from limner.jobs.records import Job, JobState

STATUSES: Mapping[JobState, str] = {
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
    JobState.INTERRUPTED: "canceled",
}


def job_news(
    job: Job,
    files: Iterable[OutputFile],
    *,
    address: Callable[[Mapping[str, str]], str],
    uploads: Sequence[Mapping[str, Any]] = (),
    refusals: Sequence[str] = (),
) -> dict[str, Any]:
    """The message about a job that has ended.

    Args:
        job: The job.
        files: Its files, in the form that was asked for.
        address: Where a file that it saved can be fetched from this server.
        uploads: Its files in stores.
        refusals: Why files could not be brought to a store.
    """
    status = STATUSES[job.state]
    return {
        "type": f"job.{status}",
        "timestamp": _moment(job.ended),
        "data": {
            "id": job.submission.id,
            "status": status,
            "dialect": job.submission.dialect,
            "created_at": _moment(job.submission.created),
            "started_at": _moment(job.started),
            "ended_at": _moment(job.ended),
            "outputs": [
                {"node": file.node, **file.place, "media_type": file.media_type, "url": address(file.place)}
                for file in files
            ],
            "uploads": list(uploads),
            "upload_errors": list(refusals),
            "error": _error(job),
        },
    }


def _error(job: Job) -> dict[str, Any] | None:
    failure = job.failure
    if failure is None:
        return None
    node = failure.place.node if failure.place is not None else None
    return {"type": failure.error_type, "message": failure.message, "node": node, "node_type": failure.node_type}


def _moment(milliseconds: int) -> str | None:
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
