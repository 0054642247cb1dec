"""What can go wrong for a client.

ClientError
├── UnreachableError     the server does not answer
├── AnswerError          it answered something that is no use, with an HTTP status
│   └── RefusedError     it refused the workflow: what is wrong, by node
├── JobFailedError       a node failed
├── JobInterruptedError  somebody stopped the job
└── WaitTimeoutError     it took longer than the caller wanted to wait; the job goes on
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Root of all errors of this package."""


class UnreachableError(ClientError):
    """The server does not answer."""


class AnswerError(ClientError):
    """The server's answer is no use.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class RefusedError(AnswerError):
    """The server refused a workflow.

    Attributes:
        error: ``type message details extra_info``.
        node_errors: By node: ``errors`` (each like ``error``), ``dependent_outputs``, ``class_type``.
    """

    def __init__(self, error: Mapping[str, Any], node_errors: Mapping[str, Any], status: int = 400) -> None:
        self.error, self.node_errors = error, node_errors
        lines = [_sentence(error)]
        for node, entry in node_errors.items():
            lines += [f"  node {node} ({entry.get('class_type')}): {_sentence(one)}" for one in entry["errors"]]
        super().__init__("\n".join(lines), status)


def _sentence(error: Mapping[str, Any]) -> str:
    details = str(error.get("details") or "")
    message = str(error.get("message") or error.get("type") or "refused")
    return f"{message}: {details}" if details and details != message else message


class JobFailedError(ClientError):
    """A node failed.

    Attributes:
        job: The job's id.
        node: The node's id, or None.
        node_type: Its class.
        error_type: Class of the exception on the server.
        message: Its text.
        traceback: Its lines.
    """

    def __init__(self, job: str, data: Mapping[str, Any]) -> None:
        self.job = job
        self.node, self.node_type = data.get("node_id"), data.get("node_type") or ""
        self.error_type, self.message = (
            data.get("exception_type") or "",
            str(data.get("exception_message") or "").strip(),
        )
        self.traceback = tuple(data.get("traceback") or ())
        place = f"Node {self.node} ({self.node_type}) failed" if self.node is not None else "The job failed"
        super().__init__(f"{place}: {self.message or self.error_type}")


class JobInterruptedError(ClientError):
    """Somebody stopped the job."""


class WaitTimeoutError(ClientError):
    """The job was not done in time; it goes on."""
