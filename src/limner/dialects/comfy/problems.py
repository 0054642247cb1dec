"""Problems as ComfyUI's error bodies: one ``error``, and ``node_errors`` by node id."""

from collections.abc import Mapping
from typing import Any

from limner.graph.check import Checked
from limner.graph.errors import GraphError, LimnerError
from limner.graph.problem import Problem


def error_body(problem: Problem, nodes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of a refused request."""
    return {"error": error_entry(problem), "node_errors": dict(nodes or {})}


def error_entry(problem: Problem) -> dict[str, Any]:
    """One problem in the shape that clients show."""
    return {
        "type": problem.code,
        "message": problem.message,
        "details": problem.details,
        "extra_info": problem.extra,
    }


def node_errors(checked: Checked) -> dict[str, Any]:
    """Problems by node, each with the output nodes that cannot run because of it."""
    return {
        name: {
            "errors": [error_entry(problem) for problem in problems],
            "dependent_outputs": list(checked.dependents.get(name, ())),
            "class_type": checked.graph.nodes[name].type if name in checked.graph.nodes else "",
        }
        for name, problems in checked.problems.items()
    }


def body_of_error(error: LimnerError, code: str = "invalid_request") -> dict[str, Any]:
    """The body for an error that was raised while a request was read."""
    if isinstance(error, GraphError) and error.problems:
        return error_body(error.problems[0])
    return error_body(Problem(code=code, message=str(error)))
