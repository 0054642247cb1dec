"""What goes wrong, in A1111's two shapes.

A field that cannot be meant is a 422 with a list of places; all else is one object with the error's class and text.
"""

from collections.abc import Sequence
from typing import Any

from limner.graph.errors import GraphError
from limner.graph.problem import Problem

INVALID = "value_error"
"""Code of problems that are told as a list of places."""

HTTP, RUNTIME = "HTTPException", "RuntimeError"


def refusal(message: str, status: int = 404, error: str = HTTP) -> GraphError:
    """A request that cannot be fulfilled.

    Args:
        message: For people.
        status: Of the answer.
        error: Name of the class that clients see.
    """
    return GraphError(message, [Problem(code=error, message=message, extra={"status": status})])


def invalid(message: str, *place: str | int, kind: str = INVALID) -> GraphError:
    """A field that cannot be meant: a 422.

    Args:
        message: For people.
        place: Where it is in the body: ``steps``, or ``alwayson_scripts``, ``ControlNet``, 0 ...
        kind: For programs.
    """
    extra = {"loc": ["body", *place], "type": kind}
    return GraphError(message, [Problem(code=INVALID, message=message, extra=extra)])


def refusal_of(error: GraphError) -> tuple[int, dict[str, Any]]:
    """Status and body for a request that cannot be fulfilled, or a graph that cannot run."""
    places = [problem for problem in error.problems if problem.code == INVALID and "loc" in problem.extra]
    if places:
        return 422, {"detail": [_place(problem) for problem in places]}
    problem = error.problems[0] if error.problems else None
    if problem is None or "status" not in problem.extra:  # A graph that cannot run here; nothing of it is the client's.
        return 500, error_body(RUNTIME, str(error))
    return problem.extra["status"], error_body(problem.code, str(error))


def error_body(error: str, message: str) -> dict[str, Any]:
    """The body of a refusal. Args: error: Name of a class."""
    return {"error": error, "detail": message, "body": "", "errors": message}


def not_found() -> dict[str, Any]:
    """The body for paths that nobody serves."""
    return {"detail": "Not Found"}


def script_missing(name: str, known: Sequence[str]) -> GraphError:
    """A script that a request names and nobody has. Args: known: Those there are."""
    return refusal(f"Script {name!r:.100} not found. There are: {', '.join(known) or 'none'}.", 422)


def _place(problem: Problem) -> dict[str, Any]:
    return {"loc": problem.extra["loc"], "msg": problem.message, "type": problem.extra["type"]}
