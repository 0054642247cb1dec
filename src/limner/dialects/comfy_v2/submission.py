"""``POST /jobs``: from the body to what was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limner.dialects.comfy_v2.labels import read_metadata
from limner.dialects.comfy_v2.refusals import invalid_field, refusal

PARTNER_KEY = "api_key_comfy_org"
RESERVED = ("webhook_url", "inputs")
URGENT = 1_000_000
"""The largest priority, and with a minus the smallest."""

LAST = 1e15
"""Numbers above this are behind all that the queue gives by itself."""

LONGEST_KEY = 255
EXTRA = "comfy_v2"
"""What a job remembers of its request lies under this name in what came beside its graph."""


@dataclass(frozen=True, kw_only=True)
class JobRequest:
    """What a client asked for.

    Attributes:
        workflow: An API document, not checked yet; assets are still references.
        metadata: A text or labels, to be told again; None: nothing was given.
        labels: The labels among them.
        priority: As it was given; None: it was not.
        secrets: Keys for nodes.
    """

    workflow: Mapping[str, Any]
    metadata: str | dict[str, str] | None
    labels: Mapping[str, str]
    priority: int | None
    secrets: Mapping[str, str]

    @property
    def number(self) -> float | None:
        """The place in the queue; lower runs first, None: in the order of arrival."""
        if not self.priority:
            return None
        return -float(self.priority) if self.priority > 0 else LAST - self.priority

    @property
    def told(self) -> dict[str, Any]:
        """What is told again of it, as it was given."""
        given = {"metadata": self.metadata, "priority": self.priority}
        return {name: value for name, value in given.items() if value is not None}


def read_job_request(body: Any) -> JobRequest:
    """Reads a decoded body.

    Raises:
        GraphError: if it cannot be what it should be.
    """
    if not isinstance(body, Mapping):
        raise refusal("invalid_request", 'Send a JSON object: {"workflow": {...}}.')
    for name in RESERVED:
        if body.get(name) is not None:
            raise refusal("invalid_workflow", f"{name!r} is reserved and not taken here; leave it out.")
    workflow = _workflow(body.get("workflow"))
    metadata, labels = read_metadata(body.get("metadata"))
    return JobRequest(
        workflow=workflow,
        metadata=metadata,
        labels=labels,
        priority=_priority(body.get("priority")),
        secrets=_secrets(body.get("extra_data")),
    )


def read_key(header: str | None) -> str:
    """The Idempotency-Key of a request, or an empty text.

    Raises:
        GraphError: if it is empty, too long, or has letters that no header can carry.
    """
    if header is None:
        return ""
    if not 1 <= len(header) <= LONGEST_KEY or not header.isascii() or not header.isprintable():
        raise refusal("invalid_request", f"Idempotency-Key must have 1 to {LONGEST_KEY} printable ASCII characters.")
    return header


def _workflow(workflow: Any) -> Mapping[str, Any]:
    if not isinstance(workflow, Mapping):
        raise refusal("invalid_workflow", "'workflow' must be a workflow in API format: an object of nodes by id.")
    if isinstance(workflow.get("nodes"), list) and "links" in workflow:
        how = "Save it in API format, or send it to /prompt, which takes both."
        raise refusal("workflow_format_ui", f"'workflow' is the file that the editor saves. {how}")
    for name, node in workflow.items():
        if not isinstance(node, Mapping):
            raise refusal("invalid_workflow", f"Node {name!r:.60} must be an object with 'class_type' and 'inputs'.")
    return workflow


def _priority(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > URGENT:
        raise invalid_field(f"priority must be a whole number from -{URGENT} to {URGENT}.")
    return value


def _secrets(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or value.keys() - {PARTNER_KEY}:
        raise refusal("invalid_request", f"extra_data must be an object with nothing but {PARTNER_KEY!r}.")
    if PARTNER_KEY in value and not isinstance(value[PARTNER_KEY], str):
        raise refusal("invalid_request", f"{PARTNER_KEY!r} must be a text.")
    return {name: text for name, text in value.items() if text}
