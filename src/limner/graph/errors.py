"""The errors of Limner, one tree.

    LimnerError
    ├── DocumentError        a text that is no workflow
    ├── GraphError           a graph that cannot run; carries Problems
    ├── UnknownNameError     a name that nothing has; carries the nearest ones
    ├── ModelFileError       a file that cannot be loaded as what it was asked for
    ├── NumericsError        values that cannot go on (NaN, wrong shapes)
    ├── StepError            a node's function failed; carries where and with what
    ├── InterruptedRun       somebody asked to stop
    ├── StorageError         bytes that cannot be kept or found
    ├── WorkerLostError      the process that ran a job is gone
    └── SettingsError        a setting that cannot be honoured

A message says what was expected, what came, and what to do. Other packages raise these; they add no roots.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.graph.problem import Problem


class LimnerError(Exception):
    """Anything that Limner itself reports."""


class DocumentError(LimnerError):
    """A document that is not a workflow."""


class GraphError(LimnerError):
    """A graph that cannot run."""

    def __init__(self, message: str, problems: "Sequence[Problem]" = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class UnknownNameError(LimnerError):
    """A name that nothing has, with the nearest names that exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str], advice: str = "") -> None:
        self.kind, self.name = kind, name
        self.nearest = tuple(get_close_matches(name, list(known), n=3, cutoff=0.4))
        near = f" Nearest: {', '.join(self.nearest)}." if self.nearest else ""
        super().__init__(f"There is no {kind} named {name!r}.{near}{' ' + advice if advice else ''}")


class ModelFileError(LimnerError):
    """A file that cannot be loaded as what it was asked for."""


class NumericsError(LimnerError):
    """Values that cannot go on: NaN, infinity, or shapes that do not fit."""


class StepError(LimnerError):
    """A node's function failed."""


class InterruptedRun(LimnerError):  # noqa: N818 - an interruption is a request, not an error
    """Somebody asked the run to stop."""


class StorageError(LimnerError):
    """Bytes that cannot be kept or found."""


class WorkerLostError(LimnerError):
    """The process that ran a job is gone. ``excused``: for a reason that the job has no part in."""

    def __init__(self, message: str, *, excused: bool = False) -> None:
        super().__init__(message)
        self.excused = excused


class SettingsError(LimnerError):
    """A setting that cannot be honoured."""
