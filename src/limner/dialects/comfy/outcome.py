"""How runs end badly, as data: the same in WebSocket messages and in history."""

from typing import Any

from limner.engine.events import Failure, Interrupted, NodeBlocked


def error_data(job: str, failure: Failure, time: int) -> dict[str, Any]:
    """Data of ``execution_error``. The node is the one of the submitted graph; tips follow the message's newline."""
    return {
        "prompt_id": job,
        "node_id": failure.place.real if failure.place else None,
        "node_type": failure.node_type,
        "executed": list(failure.executed),
        "exception_message": f"{failure.message}\n{failure.tips}",
        "exception_type": failure.error_type,
        "traceback": list(failure.traceback),
        "current_inputs": failure.inputs,
        "current_outputs": list(failure.known),
        "timestamp": time,
    }


def blocked_data(event: NodeBlocked) -> dict[str, Any]:
    """Data of the ``execution_error`` of a blocker with a message; the run goes on."""
    return {
        "prompt_id": event.job,
        "node_id": event.place.node,
        "node_type": event.node_type,
        "executed": list(event.executed),
        "exception_message": f"Execution Blocked: {event.message}",
        "exception_type": "ExecutionBlocked",
        "traceback": [],
        "current_inputs": [],
        "current_outputs": [],
    }


def interrupted_data(event: Interrupted) -> dict[str, Any]:
    """Data of ``execution_interrupted``."""
    return {
        "prompt_id": event.job,
        "node_id": event.place.real if event.place else None,
        "node_type": event.node_type,
        "executed": list(event.executed),
        "timestamp": event.time,
    }
