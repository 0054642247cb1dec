"""One line in the server's log for each job that ends, so that its terminal shows what goes on."""

import logging
import time

from limner.engine.events import TERMINAL, AnyEvent, Failed, Succeeded
from limner.jobs.records import Job

LOG = logging.getLogger(__name__)


def log_job(job: Job, event: AnyEvent) -> None:
    """Logs the end of a job. A listener of the dispatcher."""
    if isinstance(event, TERMINAL):
        level = logging.WARNING if isinstance(event, Failed) else logging.INFO
        LOG.log(level, "%s", job_line(job, event))


def job_line(job: Job, event: AnyEvent) -> str:
    """How a job ended, how long it ran, and what it made or why it failed."""
    begun = job.started or event.time or time.time_ns() // 1_000_000
    line = f"job {job.submission.id}: {_outcome(event)} after {max(event.time - begun, 0) / 1000:.1f} s"
    names = [
        item["filename"]
        for ui in job.outputs.values()
        for items in ui.values()
        if isinstance(items, list | tuple)
        for item in items
        if isinstance(item, dict) and isinstance(item.get("filename"), str)
    ]
    if names:
        line += f", {', '.join(names[:4])}{' ...' if len(names) > 4 else ''}"
    if isinstance(event, Failed):
        failure = event.failure
        where = f"node {failure.place.real} ({failure.node_type}): " if failure.place else ""
        line += f". {where}{failure.message.strip() or failure.error_type}"
    return line


def _outcome(event: AnyEvent) -> str:
    if isinstance(event, Succeeded):
        return "done"
    return "failed" if isinstance(event, Failed) else "interrupted"
