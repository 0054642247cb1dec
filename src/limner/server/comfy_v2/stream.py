"""A job's events for one listener: what is so now, then what happens, until the job has ended.

Everything comes from the journal and from what the dispatcher tells, so any number of streams hear the same; one that
begins anew begins with the job as it is.
"""

import asyncio
import time
from dataclasses import dataclass, field

from aiohttp import hdrs, web

from limner.dialects.comfy_v2.progress import MOVING
from limner.dialects.comfy_v2.telling import KEEP_ALIVE, Teller, frame, preview_frame
from limner.engine.events import AnyEvent, NodePreview
from limner.jobs.records import FINAL, Job, JobState
from limner.server.awaited import Watch
from limner.server.bodies import beside
from limner.server.comfy_v2.view import Viewer

SILENCE = 15.0
"""Seconds after which a silent stream says that it lives; clients give up after 45."""

PACE = 0.5
"""Seconds between two tellings of progress, and of pictures on the way."""

STALLED = 60.0
"""Seconds that a client may read nothing: what is to be told gathers meanwhile."""

LOOK = 1.0
"""Seconds between two looks at a waiting job's place in the queue."""

HEADERS = {
    hdrs.CONTENT_TYPE: "text/event-stream",
    hdrs.CACHE_CONTROL: "no-cache",
    "X-Accel-Buffering": "no",
}


@dataclass
class Stream:
    """One listener.

    Attributes:
        reply: Where it is told, prepared already.
        viewer: Writes what is told.
        watch: What happens to the job, from before it was looked at.
    """

    reply: web.StreamResponse
    viewer: Viewer
    watch: Watch
    _teller: Teller = field(default_factory=Teller)
    _said: float = 0.0
    _lively: float = 0.0
    _news: bool = False
    _shown: NodePreview | None = None
    _moves: int = -1

    async def tell(self, job: Job) -> None:
        """Tells a job from now on to its end.

        Raises:
            ConnectionError: if nobody listens any more.
        """
        await self._tell_state(job)
        self._news = job.state is JobState.RUNNING
        while job.state not in FINAL:
            await self._tell_live(job)
            told = await self._next(job)
            if told is None:
                await self._tell_waiting(job)
                continue
            job = await self._heard(*told)

    async def _heard(self, job: Job, event: AnyEvent) -> Job:
        self._news = self._news or isinstance(event, MOVING)
        if not isinstance(event, NodePreview):
            await self._tell_state(job)
        return job

    async def _next(self, job: Job) -> tuple[Job, AnyEvent] | None:
        """The next event; None if there was none for as long as the stream may wait."""
        waits = [self._said + SILENCE]
        if job.state is JobState.WAITING:
            waits.append(time.monotonic() + LOOK)
        elif self._news or self._is_shown_late(job):
            waits.append(self._lively + PACE)
        try:
            async with asyncio.timeout(max(0.0, min(waits) - time.monotonic())):
                told = await self.watch.told.get()
        except TimeoutError:
            return None
        if told is None:
            raise ConnectionResetError("The server is stopping.")
        return told

    async def _tell_state(self, job: Job) -> None:
        """Tells new outputs and a new status, if there are any."""
        outputs = await beside(lambda: self.viewer.outputs(job)) if job.outputs else []
        position = await beside(lambda: self.viewer.position(job)) if job.state is JobState.WAITING else None
        await self._write(self._teller.tell(job, outputs, position))

    async def _tell_waiting(self, job: Job) -> None:
        """Tells a waiting job's place if the queue has moved, and that the stream lives."""
        if job.state is JobState.WAITING and self._moves != self.viewer.live.moves:
            self._moves = self.viewer.live.moves
            position = await beside(lambda: self.viewer.position(job))
            await self._write(self._teller.move(job, position))
        if time.monotonic() - self._said >= SILENCE:
            await self._write([KEEP_ALIVE])

    async def _tell_live(self, job: Job) -> None:
        """Tells how far a running job is and what it looks like, if that is due."""
        if job.state is not JobState.RUNNING or time.monotonic() - self._lively < PACE:
            return
        frames = [frame("progress", dict(self.viewer.live.progress(job)))] if self._news else []
        preview = self.viewer.live.preview(job.submission.id)
        if preview is not None and preview is not self._shown:
            self._shown = preview
            frames.append(preview_frame(preview))
        if frames:
            self._news, self._lively = False, time.monotonic()
            await self._write(frames)

    def _is_shown_late(self, job: Job) -> bool:
        preview = self.viewer.live.preview(job.submission.id)
        return preview is not None and preview is not self._shown

    async def _write(self, frames: list[bytes]) -> None:
        if frames:
            self._said = time.monotonic()
            try:
                async with asyncio.timeout(STALLED):
                    await self.reply.write(b"".join(frames))
            except TimeoutError as error:
                raise ConnectionResetError("The client reads nothing.") from error
