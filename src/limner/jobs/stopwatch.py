"""How long each node of a run takes, from its events."""

from limner.engine.events import AnyEvent, NodeFinished, NodePlace, NodeStarted, StepTime, Timed

MOST = 2_000
"""Nodes of a run that are timed."""

MILLISECONDS = 1000.0


class Stopwatch:
    """Notes when nodes of one run begin and end. Fed with its events in order; no clock of its own."""

    def __init__(self) -> None:
        self._begun: dict[str, tuple[NodePlace, int]] = {}
        self._steps: dict[str, StepTime] = {}

    def hear(self, event: AnyEvent) -> None:
        """Takes an event."""
        if isinstance(event, NodeStarted):
            if event.place.node not in self._begun and len(self._steps) + len(self._begun) < MOST:
                self._begun[event.place.node] = event.place, event.time
        elif isinstance(event, NodeFinished):
            self._end(event.place.node, event.time, done=True)

    def read(self, job: str, time: int) -> Timed | None:
        """What it has noted when a run ends; None if no node ran."""
        for node in list(self._begun):
            self._end(node, time, done=False)
        steps = tuple(sorted(self._steps.values(), key=lambda step: step.began))
        return Timed(job=job, time=time, steps=steps) if steps else None

    def _end(self, node: str, time: int, *, done: bool) -> None:
        begun = self._begun.pop(node, None)
        if begun is None:
            return
        place, began = begun
        known, seconds = self._steps.get(node), max(0, time - began) / MILLISECONDS
        if known is not None:  # it was called again, for another entry of a list or after what it waited for
            began, seconds = known.began, known.seconds + seconds
        self._steps[node] = StepTime(node=node, real=place.real, began=began, seconds=seconds, done=done)
