"""Who is told what: from the events of jobs to the sockets of clients.

A client id may have several sockets and all of them are told. While an id has none, what it should have been told is
kept for a short time and handed to the first socket that opens, since some clients open theirs after posting.
All methods but ``hear`` belong to the event loop's thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from limner.dialects.comfy.frames import Frame, message, status
from limner.dialects.comfy.narrator import QUEUE, Narrator
from limner.engine.events import TERMINAL, AnyEvent, Interrupted
from limner.jobs.records import Job
from limner.server.session import Session

LINGER = 10.0
"""Seconds that the messages of a finished job are kept for a socket that opens late."""

KEPT_MESSAGES = 20_000
KEPT_BYTES = 16 << 20
"""Bounds of what is kept for one client; the oldest goes first."""

GATHER = 0.05
"""Seconds within which changes of the queue's length are told only once to sockets that have no part in them."""


@dataclass
class _Recipient:
    """A client id: its sockets, and what was said while it had none."""

    sessions: list[Session] = field(default_factory=list)
    missed: deque[tuple[str, Frame]] = field(default_factory=deque)
    bytes: int = 0

    def keep(self, job: str, frame: Frame) -> None:
        self.missed.append((job, frame))
        self.bytes += frame.size
        while self.bytes > KEPT_BYTES or len(self.missed) > KEPT_MESSAGES:
            self.bytes -= self.missed.popleft()[1].size

    def forget(self, job: str) -> None:
        self.missed = deque(entry for entry in self.missed if entry[0] != job)
        self.bytes = sum(frame.size for _, frame in self.missed)


@dataclass
class _Story:
    """A job that is being told."""

    narrator: Narrator
    client: str | None


@dataclass
class _Hold:
    """Events of a job whose acceptance is being answered; two requests may name the same job."""

    holders: int = 0
    events: list[tuple[Job, AnyEvent]] = field(default_factory=list)


class Hub:
    """Tells sockets what happens to jobs.

    Args:
        remaining: Says how many jobs wait or run.
    """

    def __init__(self, remaining: Callable[[], int]) -> None:
        self._remaining = remaining
        self._recipients: dict[str, _Recipient] = {}
        self._stories: dict[str, _Story] = {}
        self._holds: dict[str, _Hold] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._quiet: set[str] = set()
        self._gathering = False
        self.stop_listening: Callable[[], None] = lambda: None
        """Ends the subscription to events."""

    def start(self) -> None:
        """Takes the running loop as the one that sockets live on."""
        self._loop = asyncio.get_running_loop()

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Takes an event. May be called from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._arrive, job, event)

    def hold(self, job: str) -> None:
        """Keeps back a job's events until ``release``, so that its acceptance is answered first."""
        self._holds.setdefault(job, _Hold()).holders += 1

    def release(self, job: str) -> None:
        """Tells what was kept back, once everybody who holds the job has let go."""
        hold = self._holds[job]
        hold.holders -= 1
        if hold.holders:
            return
        del self._holds[job]
        for held in hold.events:
            self._arrive(*held)

    def quieten(self, jobs: Iterable[str]) -> None:
        """Lets these jobs leave the queue without a word to their clients, as ComfyUI does."""
        self._quiet.update(jobs)

    def unquieten(self, jobs: Iterable[str]) -> None:
        """Takes ``quieten`` back, for jobs that had left the queue to run."""
        self._quiet.difference_update(jobs)

    def attach(self, session: Session) -> None:
        """Greets a new socket and hands it what its client has missed."""
        recipient = self._recipients.setdefault(session.client, _Recipient())
        session.remaining = self._remaining()
        session.offer(status(session.remaining, session.client))
        if not recipient.missed:
            self._point(session)
        for _, frame in recipient.missed:
            session.offer(frame)
        recipient.missed.clear()
        recipient.bytes = 0
        recipient.sessions.append(session)

    def detach(self, session: Session) -> None:
        """Forgets a socket; others of the same id go on."""
        recipient = self._recipients.get(session.client)
        if recipient is None:
            return
        recipient.sessions = [other for other in recipient.sessions if other is not session]
        self._tidy(session.client)

    def wants_previews(self, client: str | None) -> bool:
        """Whether a socket of the client has said that it understands previews."""
        recipient = self._recipients.get(client) if client else None
        return any(session.described for session in recipient.sessions) if recipient else False

    def announce(self) -> None:
        """Tells all sockets the queue's length, soon."""
        if not self._gathering and self._loop is not None:
            self._gathering = True
            self._loop.call_later(GATHER, self._tell_remaining)

    async def close(self) -> None:
        """Closes all sockets."""
        closing = [session.close() for session in self._sessions()]
        await asyncio.gather(*closing, return_exceptions=True)

    def _arrive(self, job: Job, event: AnyEvent) -> None:
        name = job.submission.id
        if name in self._holds:
            self._holds[name].events.append((job, event))
            return
        story = self._stories.get(name)
        if story is None:
            story = self._stories[name] = _Story(Narrator(name), job.submission.client)
        quiet = isinstance(event, Interrupted) and name in self._quiet
        for frame in [QUEUE] if quiet else story.narrator.tell(event):
            if frame is QUEUE:
                self._tell_queue(story.client)
            else:
                self._tell(name, story.client, frame)
        if isinstance(event, TERMINAL):
            self._finish(name, story)

    def _tell(self, job: str, client: str | None, frame: Frame) -> None:
        if client is None:
            glimpse = frame.type == "preview" and frame.transient
            for session in self._sessions() if frame.public else ():
                if session.described or not glimpse:
                    session.offer(frame)
            return
        recipient = self._recipients.setdefault(client, _Recipient())
        for session in recipient.sessions:
            session.offer(frame)
        if not recipient.sessions and not frame.transient:
            recipient.keep(job, frame)

    def _tell_queue(self, client: str | None) -> None:
        """Tells the job's client at once, since the order matters to it, and the others soon."""
        recipient = self._recipients.get(client) if client else None
        if recipient and recipient.sessions:
            remaining = self._remaining()
            frame = status(remaining)
            for session in recipient.sessions:
                session.remaining = remaining
                session.offer(frame)
        self.announce()

    def _tell_remaining(self) -> None:
        self._gathering = False
        remaining = self._remaining()
        frame = status(remaining)
        for session in self._sessions():
            if session.remaining != remaining:
                session.remaining = remaining
                session.offer(frame)

    def _point(self, session: Session) -> None:
        """Tells a socket that joins in the middle which node runs."""
        for story in self._stories.values():
            if story.client == session.client and story.narrator.current is not None:
                session.offer(message("executing", {"node": story.narrator.current}))

    def _finish(self, job: str, story: _Story) -> None:
        self._stories.pop(job, None)
        self._quiet.discard(job)
        if story.client is not None and self._loop is not None:
            self._loop.call_later(LINGER, self._expire, story.client, job)

    def _expire(self, client: str, job: str) -> None:
        recipient = self._recipients.get(client)
        if recipient is not None:
            recipient.forget(job)
            self._tidy(client)

    def _tidy(self, client: str) -> None:
        recipient = self._recipients.get(client)
        if recipient is not None and not recipient.sessions and not recipient.missed:
            del self._recipients[client]

    def _sessions(self) -> Iterable[Session]:
        return [session for recipient in self._recipients.values() for session in recipient.sessions]
