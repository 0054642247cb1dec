"""References to assets inside a workflow: ``{"__type": "core/ASSET", "info": {"id", "hash", "file_path"}}``."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from limner.dialects.comfy_v2.refusals import refusal

MARK = "core/ASSET"
DEEPEST = 200


class Reference(NamedTuple):
    """What a reference says: the asset's id, and its content as a hint for when the id is not known."""

    id: str
    hash: str


def references(value: Any) -> Iterator[Reference]:
    """All references in a workflow, wherever they stand.

    Raises:
        GraphError: if one says nothing that could be looked up.
    """
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if _is_reference(value):
            yield _read(value)
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def resolved(workflow: Any, name_of: Callable[[Reference], str], depth: int = 0) -> Any:
    """The workflow with names of files in place of references; the one that came is not changed.

    Raises:
        GraphError: if it is nested more deeply than any workflow.
    """
    if depth > DEEPEST:
        raise refusal("invalid_workflow", f"The workflow is nested more than {DEEPEST} levels deep.")
    if _is_reference(workflow):
        return name_of(_read(workflow))
    if isinstance(workflow, Mapping):
        return {key: resolved(value, name_of, depth + 1) for key, value in workflow.items()}
    if isinstance(workflow, list):
        return [resolved(value, name_of, depth + 1) for value in workflow]
    return workflow


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("__type") == MARK


def _read(value: Mapping[str, Any]) -> Reference:
    info = value.get("info")
    found = {key: info.get(key) for key in ("id", "hash")} if isinstance(info, Mapping) else {}
    known = {key: text if isinstance(text, str) else "" for key, text in found.items()}
    if not any(known.values()):
        raise refusal("missing_asset", f'A {MARK} needs "info" with the "id" of an asset.', missing_ids=[])
    return Reference(known["id"], known["hash"])
