"""Who is told what: from the events of jobs to the sockets of clients.

A client id may have several sockets and all of them are told. While an id has none, what it should have been told is
kept for a short time and handed to the first socket that opens, since some clients open theirs after posting. What a
broken or stalled socket has not got out is handed to the next one too.
All methods but ``hear`` belong to the event loop's thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from limner.dialects.comfy.frames import Frame, message, status
from limner.dialects.comfy.narrator import QUEUE, Narrator
from limner.dialects.comfy.prompt_request import asks_previews
from limner.engine.events import TERMINAL, AnyEvent, Interrupted
from limner.jobs.records import Job
from limner.server.session import Session, Told

LINGER = 10.0
"""Seconds that the messages of a finished job are kept for a socket that opens late."""

LATE = 3.0
"""Seconds after a job was accepted within which a further socket of its client is told all of it: several programs may
use one id, and the one that asked opens its socket now, while that of another is open."""

KEPT_MESSAGES = 20_000
KEPT_BYTES = 16 << 20
"""Bounds of what is kept for one client; the oldest goes first."""

GATHER = 0.05
"""Seconds within which changes of the queue's length are told only once to sockets that have no part in them."""


EVERYBODY = ""
"""Whose the sockets and jobs of a hub are that does not part owners."""

Address = tuple[str, str]
"""An owner and a client id. Clients choose their ids, and an owner's may be that of somebody else's."""


@dataclass
class _Recipient:
    """A client id of an owner: its sockets, and what was said while it had none."""

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
    """A job that is being told.

    Attributes:
        narrator: Tells it.
        owner: Whose job it is.
        client: To whom, or None.
        glimpses: Previews go to sockets that did not announce to understand them too.
    """

    narrator: Narrator
    owner: str
    client: str | None
    glimpses: bool

    @property
    def address(self) -> Address | None:
        """To whom it is told in particular."""
        return None if self.client is None else (self.owner, self.client)

    def suits(self, frame: Frame) -> bool:
        """Whether a message may go out at all: some clients take every picture for a finished one."""
        return self.glimpses or frame.only != "" or not (frame.type == "preview" and frame.transient)


@dataclass
class _Fresh:
    """What was said of a job that was accepted a moment ago."""

    address: Address
    frames: list[Frame] = field(default_factory=list)


@dataclass
class _Hold:
    """Events of a job whose acceptance is being answered; two requests may name the same job."""

    holders: int = 0
    events: list[tuple[Job, AnyEvent]] = field(default_factory=list)


class Hub:
    """Tells sockets what happens to jobs.

    Args:
        remaining: Says how many jobs of an owner wait or run; None: of all.
        previews: Sockets get glimpses although neither they nor the prompt asked for any.
        parted: Sockets are told of their owner's jobs only, and how many of these there are.
    """

    def __init__(self, remaining: Callable[[str | None], int], *, previews: bool = False, parted: bool = False) -> None:
        self._count, self._previews, self._parted = remaining, previews, parted
        self._recipients: dict[Address, _Recipient] = {}
        self._stories: dict[str, _Story] = {}
        self._fresh: dict[str, _Fresh] = {}
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
        recipient = self._recipients.setdefault(self._address(session), _Recipient())
        session.remaining = self._remaining(session.owner)
        session.offer(status(session.remaining, session.client))
        missed = [*recipient.missed, *self._from_others(recipient)]
        self._point(session, {job for job, frame in recipient.missed if frame.type == "executing"})
        for job, frame in missed:
            session.offer(frame, job)
        recipient.missed.clear()
        recipient.bytes = 0
        recipient.sessions.append(session)

    def detach(self, session: Session) -> None:
        """Forgets a socket; others of the same id go on. If it was the last, what it did not get out is kept."""
        address = self._address(session)
        recipient = self._recipients.get(address)
        if recipient is None:
            return
        recipient.sessions = [other for other in recipient.sessions if other is not session]
        if not recipient.sessions:
            for job, frame in session.unheard():
                recipient.keep(job, frame)
            for job in {job for job, _ in recipient.missed} - self._stories.keys():
                self._expire_later(address, job)
        self._tidy(address)

    def _from_others(self, recipient: _Recipient) -> list[Told]:
        """What a further socket of a client is told: all of its fresh jobs, and what others of its sockets hold up."""
        if not recipient.sessions:
            return []
        address = self._address(recipient.sessions[0])
        fresh = {job: known.frames for job, known in self._fresh.items() if known.address == address}
        stalled = max((other.unheard() for other in recipient.sessions), key=len)
        return [
            *((job, frame) for job, frame in stalled if job not in fresh),
            *((job, frame) for job, frames in fresh.items() for frame in frames),
        ]

    def wants_previews(self, client: str | None, owner: str = EVERYBODY) -> bool:
        """Whether a socket of an owner's client has said that it understands previews."""
        recipient = self._recipients.get((self._part(owner), client)) if client else None
        return any(session.described for session in recipient.sessions) if recipient else False

    def announce(self) -> None:
        """Tells all sockets the queue's length, soon."""
        if not self._gathering and self._loop is not None:
            self._gathering = True
            self._loop.call_later(GATHER, self._tell_remaining)

    def tell(self, addresses: Iterable[Address], frame: Frame) -> set[Address]:
        """Hands a message to all sockets of some owners' clients; gives those that have any."""
        wanted = {(self._part(owner), client): (owner, client) for owner, client in addresses}
        reached = {place for place in wanted if place in self._recipients and self._recipients[place].sessions}
        for place in reached:
            for session in self._recipients[place].sessions:
                session.offer(frame)
        return {wanted[place] for place in reached}

    def owners_of(self, client: str) -> list[str]:
        """Whose a client id is, by the sockets there are: of more than one only if it was guessed or heard."""
        return [owner for owner, known in self._recipients if known == client]

    def tell_all(self, frame: Frame, *, foreign: bool = False) -> None:
        """Hands a message to all sockets.

        Args:
            frame: The message.
            foreign: Nobody knows whose it is: where owners are parted, those hear it who may see everything.
        """
        for session in self._sessions():
            if not (foreign and self._parted) or session.sees_all:
                session.offer(frame)

    def tell_owner(self, owner: str, frame: Frame) -> None:
        """Hands a message to all sockets of an owner; without accounts to all."""
        for session in self._sessions():
            if self._part(session.owner) == self._part(owner):
                session.offer(frame)

    def has_listeners(self) -> bool:
        """Whether any socket is open."""
        return any(recipient.sessions for recipient in self._recipients.values())

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
            story = self._stories[name] = self._begin(job)
        quiet = isinstance(event, Interrupted) and name in self._quiet
        for frame in [QUEUE] if quiet else story.narrator.tell(event):
            if frame is QUEUE:
                self._tell_queue(story.address)
            elif story.suits(frame):
                self._tell(name, story, frame)
        if isinstance(event, TERMINAL):
            self._finish(name, story)

    def _begin(self, job: Job) -> _Story:
        """A new job's story; what is said while it is fresh is remembered."""
        asked, owner = job.submission, self._part(job.submission.owner)
        if asked.client is not None and self._loop is not None:
            self._fresh[asked.id] = _Fresh((owner, asked.client))
            self._loop.call_later(LATE, self._fresh.pop, asked.id, None)
        wanted = asked.client is not None and asks_previews(asked.extra.get("preview_method"))
        return _Story(Narrator(asked.id), owner, asked.client, self._previews or wanted is True)

    def _tell(self, job: str, story: _Story, frame: Frame) -> None:
        fresh = self._fresh.get(job)
        if fresh is not None and not frame.transient and len(fresh.frames) < KEPT_MESSAGES:
            fresh.frames.append(frame)
        address = story.address
        recipient = self._recipients.setdefault(address, _Recipient()) if address is not None else None
        for session in self._audience(recipient, story.owner, frame):
            session.offer(frame, job if session.client == story.client else "")
        if recipient is not None and not recipient.sessions and not frame.transient:
            recipient.keep(job, frame)

    def _audience(self, recipient: _Recipient | None, owner: str, frame: Frame) -> Iterable[Session]:
        """The sockets that get a message of somebody's job."""
        if recipient is not None and not frame.everyone:
            return recipient.sessions
        if frame.everyone or frame.public:
            return [session for session in self._sessions() if self._part(session.owner) == owner]
        return ()

    def _tell_queue(self, address: Address | None) -> None:
        """Tells the job's client at once, since the order matters to it, and the others soon."""
        recipient = self._recipients.get(address) if address else None
        if recipient and recipient.sessions:
            remaining = self._remaining(recipient.sessions[0].owner)
            frame = status(remaining)
            for session in recipient.sessions:
                session.remaining = remaining
                session.offer(frame)
        self.announce()

    def _tell_remaining(self) -> None:
        self._gathering = False
        for session in self._sessions():
            remaining = self._remaining(session.owner)
            if session.remaining != remaining:
                session.remaining = remaining
                session.offer(status(remaining))

    def _point(self, session: Session, told: Collection[str]) -> None:
        """Tells a socket that joins in the middle which node runs, but for jobs of which it is told that anyway."""
        for job, story in self._stories.items():
            if story.address == self._address(session) and story.narrator.current is not None and job not in told:
                session.offer(message("executing", {"node": story.narrator.current}))

    def _finish(self, job: str, story: _Story) -> None:
        self._stories.pop(job, None)
        self._quiet.discard(job)
        if story.address is not None:
            self._expire_later(story.address, job)

    def _expire_later(self, address: Address, job: str) -> None:
        if self._loop is not None:
            self._loop.call_later(LINGER, self._expire, address, job)

    def _expire(self, address: Address, job: str) -> None:
        recipient = self._recipients.get(address)
        if recipient is not None:
            recipient.forget(job)
            self._tidy(address)

    def _tidy(self, address: Address) -> None:
        recipient = self._recipients.get(address)
        if recipient is not None and not recipient.sessions and not recipient.missed:
            del self._recipients[address]

    def _remaining(self, owner: str) -> int:
        return self._count(owner if self._parted else None)

    def _part(self, owner: str) -> str:
        return owner if self._parted else EVERYBODY

    def _address(self, session: Session) -> Address:
        return self._part(session.owner), session.client

    def _sessions(self) -> Iterable[Session]:
        return [session for recipient in self._recipients.values() for session in recipient.sessions]
