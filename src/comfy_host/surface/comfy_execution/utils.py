"""``comfy_execution.utils``: which node runs."""

from typing import NamedTuple

from comfy_host.context import running
from comfy_host.missing import absent


class ExecutionContext(NamedTuple):
    """The node that runs: job, node, and number of the call."""

    prompt_id: str
    node_id: str
    list_index: int | None


def get_executing_context():
    """The node that runs in this thread or task; None outside of any."""
    step = running()
    if step.place is None or step.request is None:
        return None
    return ExecutionContext(step.request.job, step.place.node, None)


__getattr__ = absent(__name__)
