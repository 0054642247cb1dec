"""POST /prompt: from the body to what was asked for. Pure; what is wrong is raised as a GraphError with a Problem.

Leniency is deliberate: unknown fields are ignored and null means "not given", because clients rely on both. Where
ComfyUI answers a malformed body with a plain 500, the caller here gets a Problem that names the field.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from limner.graph.errors import DocumentError, GraphError
from limner.graph.foreign_json import decode_foreign
from limner.graph.problem import Problem

SECRET_KEYS = ("auth_token_comfy_org", "api_key_comfy_org")
"""Keys of ``extra_data`` that nodes may need and nobody may read back."""

MAX_ID = 200
"""Longest job or client id in characters; real ones have 32 to 40."""

MOST_VALUES = 1_000_000
"""More values than any workflow has; decoding them would hold up everything else for seconds."""

PREVIEW_METHODS = frozenset({"auto", "latent2rgb", "taesd"})
"""Values of ``extra_data.preview_method`` that ask for previews, beside ``none`` and ``default``."""

_SMALL = 1 << 20


class PromptRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asked for.

    Attributes:
        workflow: An API document, or a UI workflow; not checked yet.
        id: The job's id, if the client chose one.
        client: Id of the WebSocket to tell, or None.
        number: The priority, if one was given.
        front: Run before what waits.
        targets: Output nodes to run; None: all of them.
        extra: What came beside the workflow, without secrets.
        secrets: Keys for nodes.
        previews: Whether previews were asked for; None: nothing was said.
        store: Where its files are to be brought, if ``extra_data`` says so,
        webhook: and who is to be told; neither is kept beside the workflow, as both may hold keys.
    """

    workflow: dict[str, Any]
    id: str | None = None
    client: str | None = None
    number: float | None = None
    front: bool = False
    targets: tuple[str, ...] | None = None
    extra: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    previews: bool | None = None
    store: Any = None
    webhook: Any = None


def read_json(raw: bytes) -> Any:
    """Decodes a body, whatever its content type said.

    NaN and infinities become null, lone surrogates a ``?``, integers beyond 64 bits floats: no worker could be told.

    Raises:
        DocumentError: if it is not JSON, nested too deeply, or has more than ``MOST_VALUES`` values.
    """
    if len(raw) > _SMALL and sum(map(raw.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise DocumentError(f"The body has more than {MOST_VALUES} values; no workflow is that large.")
    try:
        return decode_foreign(raw)
    except RecursionError as error:
        raise DocumentError("The body is nested too deeply to be a workflow.") from error
    except ValueError as error:
        what = "The body is empty" if not raw.strip() else f"The body is not JSON ({error})"
        raise DocumentError(f"{what}; send a JSON object.") from error


def refusal(code: str, message: str, details: str = "", **extra: Any) -> GraphError:
    """A GraphError with the one Problem that describes it."""
    return GraphError(f"{message}: {details}", [Problem(code=code, message=message, details=details, extra=extra)])


def read_prompt_request(body: Any, usage_source: str | None = None) -> PromptRequest:
    """Reads the fields of a decoded body.

    Args:
        body: What JSON decodes to.
        usage_source: Which program asks, if a header says so.

    Raises:
        GraphError: if a field cannot be what it should be.
    """
    if not isinstance(body, Mapping):
        raise _no_prompt(body)
    extra = _extra_data(body.get("extra_data"))
    client = _identifier(body.get("client_id"), "client_id")
    if client is not None:
        extra["client_id"] = client
    if usage_source:
        extra.setdefault("comfy_usage_source", usage_source[:MAX_ID])
    secrets = {key: extra.pop(key) for key in SECRET_KEYS if key in extra}
    store, webhook = extra.pop("store", None), extra.pop("webhook", None)
    return PromptRequest(
        workflow=_workflow(body),
        id=_identifier(body.get("prompt_id"), "prompt_id"),
        client=client if client is not None else _known_client(extra),
        number=_number(body.get("number")),
        front=bool(body.get("front")),
        targets=_targets(body.get("partial_execution_targets")),
        extra=extra,
        secrets={key: str(value) for key, value in secrets.items() if value is not None},
        previews=asks_previews(extra.get("preview_method")),
        store=store,
        webhook=webhook,
    )


def _workflow(body: Mapping[str, Any]) -> dict[str, Any]:
    workflow = body.get("prompt")
    if workflow is None:
        if isinstance(body.get("nodes"), list):
            return dict(body)  # A UI workflow posted as it is.
        raise _no_prompt(body)
    if isinstance(workflow, list) and not workflow:
        return {}
    if not isinstance(workflow, Mapping):
        raise refusal(
            "invalid_prompt",
            "'prompt' must be a workflow: an object of nodes by id.",
            f"'prompt' is {_kind(workflow)}",
        )
    return dict(workflow)


def _no_prompt(body: Any) -> GraphError:
    looks_like_one = isinstance(body, Mapping) and any(
        isinstance(node, Mapping) and "class_type" in node for node in body.values()
    )
    hint = '. Send the workflow as {"prompt": {...}}' if looks_like_one else ""
    return refusal("no_prompt", "No prompt provided", f"No prompt provided{hint}")


def _extra_data(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise refusal("invalid_request", "'extra_data' must be an object.", f"It is {_kind(value)}")
    return dict(value)


def _known_client(extra: dict[str, Any]) -> str | None:
    """A client id that came inside ``extra_data``, as ComfyUI stores it."""
    client = extra.get("client_id")
    return client if isinstance(client, str) and 0 < len(client) <= MAX_ID else None


def _identifier(value: Any, name: str) -> str | None:
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not text or len(text) > MAX_ID or not text.isprintable() or "/" in text:
        code = "invalid_prompt_id" if name == "prompt_id" else "invalid_request"
        raise refusal(code, f"'{name}' must be a text of 1 to {MAX_ID} printable characters without '/'.", _kind(value))
    return text


def _number(value: Any) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise refusal("invalid_request", "'number' must be a finite number; lower runs first.", _kind(value))
    return number


def _targets(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(entry, str | int) for entry in value):
        raise refusal("invalid_request", "'partial_execution_targets' must be a list of node ids.", _kind(value))
    return tuple(str(entry) for entry in value)


def asks_previews(method: Any) -> bool | None:
    """What a prompt's ``preview_method`` says about previews; None: nothing."""
    return False if method == "none" else True if isinstance(method, str) and method in PREVIEW_METHODS else None


def _kind(value: Any) -> str:
    """What a JSON value is, in words, with its beginning."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    name = names.get(type(value), "a number")
    return name if value is None else f"{name}: {json.dumps(value):.80}"
