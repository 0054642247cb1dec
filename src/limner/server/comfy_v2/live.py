"""How far running jobs are, for those who ask now: Comfy API v2 tells it in every answer, whoever sent the job."""

import threading

from aiohttp import web

from limner.dialects.comfy_v2.progress import Track
from limner.engine.events import TERMINAL, AnyEvent, Claimed, NodePreview, Queued, Requeued
from limner.jobs.records import Job


class Live:
    """Follows the jobs that run. All methods may be called from any thread and return at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tracks: dict[str, Track] = {}
        self.moves = 0
        """Grows whenever the queue changes, so that places in it may have changed."""

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Takes an event; a listener of the dispatcher."""
        with self._lock:
            if isinstance(event, (Queued, Claimed, Requeued, *TERMINAL)):
                self.moves += 1
                self._tracks.pop(event.job, None)
                if isinstance(event, Claimed):
                    self._tracks[event.job] = Track(job.submission)
            elif (track := self._tracks.get(event.job)) is not None:
                track.note(event)

    def progress(self, job: Job) -> dict[str, object]:
        """How far a job is; at the very start nothing is done."""
        with self._lock:
            return self._tracks.get(job.submission.id, Track(job.submission)).snapshot()

    def preview(self, job: str) -> NodePreview | None:
        """The newest picture on the way of a job."""
        with self._lock:
            track = self._tracks.get(job)
            return track.preview if track is not None else None


LIVE: web.AppKey[Live] = web.AppKey("comfy v2 live", Live)
