"""Jobs as ``/api/jobs`` lists them.

One entry that a client cannot read hides its whole list, so shapes are strict: nothing is null, times are whole
milliseconds, ids are texts.
"""

import re
from collections.abc import Mapping
from typing import Any

from limner.dialects.comfy.history import history_entry
from limner.dialects.comfy.job_outputs import outputs_summary
from limner.dialects.comfy.outcome import error_data
from limner.graph.errors import DocumentError
from limner.jobs.records import FINAL, Job, JobState
from limner.jobs.selection import Order, Page, Selection

STATUSES: Mapping[str, JobState] = {
    "pending": JobState.WAITING,
    "in_progress": JobState.RUNNING,
    "completed": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "cancelled": JobState.INTERRUPTED,
}
NAMES: Mapping[JobState, str] = {state: name for name, state in STATUSES.items()}

ORDERS: Mapping[str, Order] = {
    "created_at": Order.CREATED,
    "create_time": Order.CREATED,
    "execution_duration": Order.DURATION,
    "execution_time": Order.DURATION,
}
"""The names that a server of one's own uses, and those of the hosted one."""

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LARGEST = 1 << 31


def read_selection(query: Mapping[str, str]) -> Selection:
    """Which jobs a query asks for.

    Raises:
        DocumentError: if a parameter cannot be what it should be.
    """
    direction = query.get("sort_order", "desc").strip().lower()
    if direction not in ("asc", "desc"):
        raise DocumentError(f"sort_order must be 'asc' or 'desc', not {direction!r:.60}.")
    order = query.get("sort_by", "created_at").strip().lower()
    if order not in ORDERS:
        raise DocumentError(f"sort_by must be 'created_at' or 'execution_duration', not {order!r:.60}.")
    return Selection(
        states=_states(query.get("status", "")),
        workflow=query.get("workflow_id") or None,
        order=ORDERS[order],
        descending=direction == "desc",
        limit=_limit(query.get("limit")),
        offset=max(0, _integer("offset", query.get("offset") or "0")),
    )


def job_page(page: Page, wanted: Selection) -> dict[str, Any]:
    """The answer for a page of jobs."""
    pagination = {
        "offset": wanted.offset,
        "limit": wanted.limit,
        "total": page.total,
        "has_more": wanted.offset + len(page.jobs) < page.total,
    }
    return {"jobs": [job_entry(job) for job in page.jobs], "pagination": pagination}


def job_entry(job: Job) -> dict[str, Any]:
    """A job in a list."""
    asked = job.submission
    entry: dict[str, Any] = {
        "id": asked.id,
        "status": NAMES[job.state],
        "priority": asked.number,
        "create_time": asked.created,
        "execution_start_time": job.started or None,
        "execution_end_time": job.ended or None if job.started else None,
        "execution_error": _error(job),
        "workflow_id": asked.workflow,
    }
    known = {name: value for name, value in entry.items() if value is not None}
    return known | outputs_summary(job.outputs)


def job_details(job: Job) -> dict[str, Any]:
    """One job with all that is known of it; no secrets are in it."""
    details = job_entry(job)
    details["workflow"] = {"prompt": job.submission.document, "extra_data": job.submission.extra}
    details["outputs"] = job.outputs
    if job.state in FINAL:
        details["execution_status"] = history_entry(job)["status"]
    return details


def read_job_ids(body: Any) -> tuple[list[str], list[Any]]:
    """The ids of a request to cancel several jobs, and those that are none.

    Raises:
        DocumentError: if there is no list of them.
    """
    ids = body.get("job_ids") if isinstance(body, Mapping) else None
    if not isinstance(ids, list):
        raise DocumentError("job_ids must be a list")
    return ids, [job for job in ids if not isinstance(job, str) or not UUID.fullmatch(job)]


def _error(job: Job) -> dict[str, Any] | None:
    if job.failure is None:
        return None
    error = error_data(job.submission.id, job.failure, job.ended)
    return error | {"node_id": error["node_id"] or "", "executed": list(job.failure.executed)}


def _states(text: str) -> frozenset[JobState]:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in STATUSES]
    if unknown:
        raise DocumentError(f"Invalid status value(s): {', '.join(unknown):.200}. Valid values: {', '.join(STATUSES)}.")
    return frozenset(STATUSES[name] for name in names) or frozenset(JobState)


def _limit(text: str | None) -> int | None:
    if not text:
        return None
    limit = _integer("limit", text)
    if limit < 1:
        raise DocumentError("limit must be a positive integer.")
    return limit


def _integer(name: str, text: str) -> int:
    try:
        return max(-LARGEST, min(int(text), LARGEST))
    except ValueError as error:
        raise DocumentError(f"{name} must be an integer, not {text!r:.60}.") from error
