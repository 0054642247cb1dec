"""A job's events as a stream tells them: each transition once, outputs before the end, the end last.

A stream begins with the job as it is and then hears events, some of which are older than what it knows already. So
statuses are ordered by lease and phase, and what is not newer than the last one told is left out.
"""

import base64
import json
from collections.abc import Iterable
from typing import Any

from limner.dialects.comfy_v2.job_json import status_of
from limner.engine.events import NodePreview
from limner.jobs.records import FINAL, Job, JobState

KEEP_ALIVE = b": keepalive\n\n"

WAITING, RUNNING, STOPPING, REQUEUED, ENDED = range(5)


class Teller:
    """Tells one job to one client."""

    def __init__(self) -> None:
        self._told: tuple[int, int] = (-1, -1)
        self._position: int | None = None
        self._outputs: set[str] = set()

    def tell(self, job: Job, outputs: Iterable[dict[str, Any]], position: int | None) -> list[bytes]:
        """What is new about a job: its outputs, then where it stands."""
        fresh = [entry for entry in outputs if entry["id"] not in self._outputs]
        self._outputs.update(entry["id"] for entry in fresh)
        frames = [frame("output", entry) for entry in fresh]
        moment = _moment(job)
        if moment > self._told:
            self._told, self._position = moment, position
            frames.append(_status(job, position))
        return frames

    def move(self, job: Job, position: int | None) -> list[bytes]:
        """A waiting job's new place in the queue, if it is one."""
        if position is None or position == self._position or job.state is not JobState.WAITING:
            return []
        self._position = position
        return [_status(job, position)]


def frame(name: str, data: dict[str, Any]) -> bytes:
    """One event."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'), ensure_ascii=False)}\n\n".encode()


def preview_frame(event: NodePreview) -> bytes:
    """A picture on the way."""
    picture = base64.b64encode(event.image).decode()
    data = {"node_id": event.place.real, "content_type": event.media_type, "data_base64": picture}
    return frame("preview", data)


def _status(job: Job, position: int | None) -> bytes:
    place = {"queue_position": position} if job.state is JobState.WAITING and position is not None else {}
    return frame("status", {"status": status_of(job)} | place)


def _moment(job: Job) -> tuple[int, int]:
    """When a job stood where it stands, in the order of leases and within one."""
    if job.state in FINAL:
        return 1 << 62, ENDED
    if job.state is JobState.RUNNING:
        return job.epoch, STOPPING if job.stopping else RUNNING
    return job.epoch, REQUEUED if job.epoch else WAITING
