"""How far a drawing is, in the two shapes in which clients ask."""

import base64
import time
from dataclasses import dataclass
from typing import Any

STAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a drawing stands.

    Attributes:
        task: Its id; empty: nothing is drawn.
        count: Walks in all.
        done: Walks that are done.
        step: Of the walk that goes on,
        steps: out of so many.
        progress: How far it is, 0..1.
        began: Seconds since the epoch.
        now: Likewise.
        interrupted: Somebody asked to stop.
        skipped: Somebody asked to leave the picture that is drawn now.
    """

    task: str = ""
    count: int = 0
    done: int = 0
    step: int = 0
    steps: int = 0
    progress: float = 0.0
    began: float = 0.0
    now: float = 0.0
    interrupted: bool = False
    skipped: bool = False

    @property
    def left(self) -> float:
        """Seconds that it will take yet if it goes on as it went."""
        return (self.now - self.began) * (1 / self.progress - 1) if self.progress > 0 else 0.0


def progress_body(standing: Standing, picture: bytes = b"") -> dict[str, Any]:
    """The answer of ``/progress``. Args: picture: Encoded; empty: none is shown."""
    stamp = time.strftime(STAMP, time.localtime(standing.began)) if standing.task else "0"
    state = {
        "skipped": standing.skipped,
        "interrupted": standing.interrupted,
        "stopping_generation": standing.interrupted,
        "job": standing.task,
        "job_count": standing.count,
        "job_timestamp": stamp,
        "job_no": standing.done,
        "sampling_step": standing.step,
        "sampling_steps": standing.steps,
    }
    return {
        "progress": standing.progress,
        "eta_relative": standing.left,
        "state": state,
        "current_image": base64.b64encode(picture).decode() if picture else None,
        "textinfo": None,
        "current_task": standing.task or None,
    }


def task_body(
    standing: Standing | None, picture: str | None, number: int, *, queued: bool, completed: bool
) -> dict[str, Any]:
    """The answer of ``/internal/progress``.

    Args:
        standing: None: the task does not go on.
        picture: A data URI, or None if it shows no other picture than the client has.
        number: Of the picture that it shows.
        queued: It waits.
        completed: It is done.
    """
    active = standing is not None and not queued
    return {
        "active": active,
        "queued": queued,
        "completed": completed,
        "progress": standing.progress if standing and active else None,
        "eta": standing.left if standing and active else None,
        "live_preview": picture,
        "id_live_preview": number,
        "textinfo": "Waiting..." if queued else None,
    }
