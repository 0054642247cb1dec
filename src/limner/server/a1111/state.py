"""What A1111's clients are drawing now. Its API knows one drawing at a time and asks how far that one is.

The route that draws begins a drawing and hands on what it hears of its jobs; routes that tell or stop look here. All
belongs to the event loop's thread.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from limner.engine.events import AnyEvent, NodeFinished, NodePreview, NodeProgress, Recalled, Started
from limner.jobs.records import Job

WALK = "walk"
"""Names of nodes that denoise begin with this; each is a part of the drawing."""

REMEMBERED = 100
"""Tasks that are done and still known as such."""


@dataclass(eq=False)
class Drawing:
    """A request that draws.

    Attributes:
        owner: Whose it is.
        task: Its id, which the client may have chosen.
        count: Walks in all: one a picture, two with a second pass.
        steps: Of a walk.
        began: Seconds since the epoch.
        job: Id of the job that draws now; empty: it waits.
        done: Walks that are done.
        step: Of the walk that goes on,
        of_steps: out of so many; 0: it has not said.
        picture: Of what it draws, encoded; empty: none yet,
        media_type: and how.
        pictures: How many such pictures there have been.
        interrupted: Somebody asked to stop: what is finished is the answer.
        skipped: Somebody asked to leave the picture that is drawn now.
    """

    owner: str
    task: str
    count: int
    steps: int
    began: float = field(default_factory=time.time)
    job: str = ""
    done: int = 0
    step: int = 0
    of_steps: int = 0
    picture: bytes = b""
    media_type: str = "image/jpeg"
    pictures: int = 0
    interrupted: bool = False
    skipped: bool = False

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Takes what happens to one of its jobs."""
        match event:
            case Started():
                self.job = job.submission.id
            case Recalled():
                self.done += sum(node.startswith(WALK) for node in event.nodes)
            case NodeProgress() if event.place.real.startswith(WALK):
                self.step, self.of_steps = int(event.value), int(event.total)
            case NodePreview() if not event.final:
                self.picture, self.media_type, self.pictures = event.image, event.media_type, self.pictures + 1
            case NodeFinished() if event.place.node.startswith(WALK):
                self.done, self.step, self.of_steps = self.done + 1, 0, 0
            case _:
                pass

    @property
    def progress(self) -> float:
        """How far it is, 0.01..1."""
        whole = self.done + (self.step / self.of_steps if self.of_steps else 0.0)
        return min(0.01 + whole / max(1, self.count), 1.0)


class Drawings:
    """The drawings that go on, in the order in which they were asked for. Everybody sees their own."""

    def __init__(self) -> None:
        self._drawings: list[Drawing] = []
        self._done: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)

    @contextmanager
    def begin(self, owner: str, task: str, count: int, steps: int) -> Iterator[Drawing]:
        """A drawing, for as long as it goes on. Args: as Drawing's."""
        drawing = Drawing(owner, task, count, steps)
        self._drawings.append(drawing)
        try:
            yield drawing
        finally:
            self._drawings.remove(drawing)
            self._done.append((owner, task))

    def current(self, owner: str) -> Drawing | None:
        """The one that draws; if all wait, the first that does."""
        return next(iter(self.running(owner)), next(iter(self._of(owner)), None))

    def running(self, owner: str) -> list[Drawing]:
        """Those that draw."""
        return [drawing for drawing in self._of(owner) if drawing.job]

    def of_task(self, owner: str, task: str) -> Drawing | None:
        """The drawing of a task; None if it does not go on."""
        return next((drawing for drawing in self._of(owner) if drawing.task == task), None)

    def is_done(self, owner: str, task: str) -> bool:
        """Whether a task is done, as far as that is remembered."""
        return (owner, task) in self._done

    def waiting(self, owner: str) -> list[str]:
        """Tasks whose drawing has not begun."""
        return [drawing.task for drawing in self._of(owner) if not drawing.job]

    def _of(self, owner: str) -> list[Drawing]:
        return [drawing for drawing in self._drawings if drawing.owner == owner]
