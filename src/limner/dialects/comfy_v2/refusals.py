"""What goes wrong, in the envelope of Comfy API v2: ``{"error": {code, message, details}}``.

Clients choose their exception by the code. They ask again by themselves only after a 429 with whole seconds in
``Retry-After``, so a worker that is not up yet is one.
"""

from collections.abc import Mapping
from typing import Any

from limner.dialects.comfy.problems import node_errors
from limner.graph.check import Checked
from limner.graph.errors import DocumentError, GraphError, LimnerError, StorageError, WorkerLostError
from limner.graph.problem import Problem

STATUSES: Mapping[str, int] = {
    "invalid_request": 400,
    "invalid_cursor": 400,
    "invalid_metadata_filter": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "forbidden_origin": 403,
    "not_found": 404,
    "blob_not_found": 404,
    "output_unavailable": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "hash_mismatch": 409,
    "asset_in_use": 409,
    "payload_too_large": 413,
    "range_not_satisfiable": 416,
    "invalid_workflow": 422,
    "workflow_format_ui": 422,
    "missing_asset": 422,
    "idempotency_key_reuse": 422,
    "metadata_invalid": 422,
    "invalid_field": 422,
    "queue_full": 429,
    "quota_exceeded": 429,
    "rate_limited": 429,
    "deployment_not_ready": 429,
    "upstream_error": 500,
    "storage_unavailable": 503,
}
"""Status by code."""

NAMES = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "payload_too_large",
    415: "invalid_request",
    416: "range_not_satisfiable",
    422: "invalid_workflow",
    429: "rate_limited",
    500: "upstream_error",
}
"""Code for a refusal that came from somewhere else, by its status."""

NOT_READY, NOT_WRITABLE = 2, 5
"""Seconds after which it is worth to ask again."""


def refusal(code: str, message: str, **details: Any) -> GraphError:
    """A request that cannot be fulfilled, with a code of ``STATUSES``."""
    return GraphError(message, [Problem(code=code, message=message, extra={"v2": details or None})])


def invalid_field(message: str) -> GraphError:
    """A part of a request that cannot be what it says; the code is the contract's, the status tells which part."""
    return GraphError(message, [Problem(code="invalid_field", message=message, extra={"v2": None})])


def envelope(code: str, message: str, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of a refusal."""
    written = "invalid_request" if code == "invalid_field" else code
    return {"error": {"code": written, "message": message, "details": dict(details) if details is not None else None}}


def refusal_of(error: LimnerError) -> tuple[int, dict[str, Any], int]:
    """Status, body and, above 0, the seconds until it is worth to ask again."""
    match error:
        case WorkerLostError():
            return 429, envelope("deployment_not_ready", str(error)), NOT_READY
        case StorageError():
            return 503, envelope("storage_unavailable", str(error)), NOT_WRITABLE
        case GraphError(problems=(problem, *_)) if problem.code in STATUSES:
            return STATUSES[problem.code], envelope(problem.code, problem.message, problem.extra.get("v2")), 0
        case GraphError():
            return 422, envelope("invalid_workflow", str(error), {"node_errors": {}}), 0
        case DocumentError():
            return 400, envelope("invalid_request", str(error)), 0
        case _:
            return 400, envelope("invalid_request", str(error)), 0


def refused_graph(checked: Checked) -> GraphError:
    """Why a graph cannot run, node by node as ComfyUI tells it."""
    problem = checked.problem
    assert problem is not None
    message = problem.message if not problem.details else f"{problem.message}: {problem.details}"
    return refusal("invalid_workflow", message, node_errors=node_errors(checked))
