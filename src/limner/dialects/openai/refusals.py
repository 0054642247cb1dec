"""What goes wrong, in OpenAI's shape: ``{"error": {message, type, param, code}}`` with a status that its clients know.

Clients repeat requests by themselves after 408, 409, 429 and everything from 500 on. What would fail again is therefore
a 400, or says ``x-should-retry: false``.
"""

from typing import Any

from limner.graph.errors import GraphError
from limner.graph.problem import Problem

RETRY_HEADER = "x-should-retry"


def refusal(message: str, code: str, param: str | None = None, status: int = 400) -> GraphError:
    """A request that cannot be fulfilled.

    Args:
        message: For people.
        code: For programs: ``invalid_value``, ``model_not_found`` ...
        param: Which field it is about.
        status: Of the answer.
    """
    return GraphError(message, [Problem(code=code, message=message, extra={"param": param, "status": status})])


def refusal_of(error: GraphError) -> tuple[int, dict[str, Any]]:
    """Status and body for a request that cannot be fulfilled, or a graph that cannot run."""
    problem = error.problems[0] if error.problems else Problem(code="invalid_request", message=str(error))
    status = problem.extra.get("status", 400)
    nearest = problem.extra.get("nearest") if problem.code == "value_not_in_list" else None
    near = f". Nearest: {', '.join(map(str, nearest))}" if nearest else ""
    return status, error_body(f"{error}{near}", status, problem.code, problem.extra.get("param"))


def error_body(message: str, status: int, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """The body of a refusal."""
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
